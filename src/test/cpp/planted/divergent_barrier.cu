// y = 2 x.  x, y: [n].  The defect has a barrier that only the first half of a block reaches.
#include "device.cuh"

template <bool defect>
__device__ __forceinline__ void twice_with_barrier(int n, const float* x, float* y) {
  if (!defect || threadIdx.x < blockDim.x / 2) __syncthreads();
  int at = static_cast<int>(blockIdx.x * blockDim.x + threadIdx.x);
  if (at < n) y[at] = 2.f * x[at];
}

extern "C" __global__ void divergent_barrier_sound(int n, const float* x, float* y) {
  twice_with_barrier<false>(n, x, y);
}
SAGITTA_KERNEL(divergent_barrier_sound)
extern "C" __global__ void divergent_barrier_defect(int n, const float* x, float* y) {
  twice_with_barrier<true>(n, x, y);
}
SAGITTA_KERNEL(divergent_barrier_defect)
