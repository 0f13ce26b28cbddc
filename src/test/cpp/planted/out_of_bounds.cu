// y = 2 x.  x, y: [n].  One thread an element. The defect is one element more than there are.
#include "device.cuh"

template <bool defect>
__device__ __forceinline__ void twice(int n, const float* x, float* y) {
  int at = static_cast<int>(blockIdx.x * blockDim.x + threadIdx.x);
  if (at < n) y[at] = 2.f * x[at];
  if (defect && at == n - 1) y[at + 1] = 0.f;
}

extern "C" __global__ void out_of_bounds_sound(int n, const float* x, float* y) { twice<false>(n, x, y); }
SAGITTA_KERNEL(out_of_bounds_sound)
extern "C" __global__ void out_of_bounds_defect(int n, const float* x, float* y) { twice<true>(n, x, y); }
SAGITTA_KERNEL(out_of_bounds_defect)
