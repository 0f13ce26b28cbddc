// y[i] = x[i] + x[i+1], the last y[i] = x[i].  x, y: [n].  The defect reads behind x for the last.
#include "device.cuh"

template <bool defect>
__device__ __forceinline__ void add_next(int n, const float* x, float* y) {
  int at = static_cast<int>(blockIdx.x * blockDim.x + threadIdx.x);
  if (at < n) y[at] = x[at] + (defect || at + 1 < n ? x[at + 1] : 0.f);
}

extern "C" __global__ void out_of_bounds_read_sound(int n, const float* x, float* y) { add_next<false>(n, x, y); }
SAGITTA_KERNEL(out_of_bounds_read_sound)
extern "C" __global__ void out_of_bounds_read_defect(int n, const float* x, float* y) { add_next<true>(n, x, y); }
SAGITTA_KERNEL(out_of_bounds_read_defect)
