// y[b,i] = x[b,n-1-i].  One block a row b of n = blockDim.x elements, through shared memory: n floats.
// Without the barrier an element is read that its thread may not have written.
#include "device.cuh"

template <bool defect>
__device__ __forceinline__ void reverse_row(const float* x, float* y) {
  __shared__ float row[256];
  unsigned at = blockIdx.x * blockDim.x + threadIdx.x;
  row[threadIdx.x] = x[at];
  if (!defect) __syncthreads();
  y[at] = row[blockDim.x - 1 - threadIdx.x];
}

extern "C" __global__ void missing_barrier_sound(int, const float* x, float* y) { reverse_row<false>(x, y); }
SAGITTA_KERNEL(missing_barrier_sound)
extern "C" __global__ void missing_barrier_defect(int, const float* x, float* y) { reverse_row<true>(x, y); }
SAGITTA_KERNEL(missing_barrier_defect)
