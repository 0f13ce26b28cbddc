// y[b,i] = x[b,i^1].  A warp's lanes change places in pairs, through shared memory. Without __syncwarp
// a lane may read before its neighbour has written.
#include "device.cuh"

template <bool defect>
__device__ __forceinline__ void change_places(const float* x, float* y) {
  __shared__ float row[256];
  unsigned at = blockIdx.x * blockDim.x + threadIdx.x;
  row[threadIdx.x] = x[at];
  if (!defect) __syncwarp();
  y[at] = row[threadIdx.x ^ 1];
}

extern "C" __global__ void missing_warp_barrier_sound(int, const float* x, float* y) { change_places<false>(x, y); }
SAGITTA_KERNEL(missing_warp_barrier_sound)
extern "C" __global__ void missing_warp_barrier_defect(int, const float* x, float* y) { change_places<true>(x, y); }
SAGITTA_KERNEL(missing_warp_barrier_defect)
