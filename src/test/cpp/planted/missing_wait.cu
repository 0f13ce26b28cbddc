// y[b,i] = x[b,n-1-i], as missing_barrier.cu, the row brought by asynchronous copies. The defect does
// not wait for them.
#include "device.cuh"

template <bool defect>
__device__ __forceinline__ void copy_and_reverse_row(const float* x, float* y) {
  DYNAMIC_SHARED(float, row);
  unsigned at = blockIdx.x * blockDim.x + threadIdx.x;
  cp_async_4(row + threadIdx.x, x + at, true);
  cp_async_commit();
  if (!defect) cp_async_wait<0>();
  __syncthreads();
  y[at] = row[blockDim.x - 1 - threadIdx.x];
}

extern "C" __global__ void missing_wait_sound(int, const float* x, float* y) { copy_and_reverse_row<false>(x, y); }
SAGITTA_KERNEL(missing_wait_sound)
extern "C" __global__ void missing_wait_defect(int, const float* x, float* y) { copy_and_reverse_row<true>(x, y); }
SAGITTA_KERNEL(missing_wait_defect)
