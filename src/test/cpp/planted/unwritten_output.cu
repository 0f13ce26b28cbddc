// y = 2 x.  x, y: [n].  Two elements a thread. The defect leaves out the last element of an odd n.
#include "device.cuh"

template <bool defect>
__device__ __forceinline__ void twice_in_pairs(int n, const float* x, float* y) {
  int at = 2 * static_cast<int>(blockIdx.x * blockDim.x + threadIdx.x);
  if (at + 1 < n) {
    y[at] = 2.f * x[at];
    y[at + 1] = 2.f * x[at + 1];
  } else if (at < n && !defect) {
    y[at] = 2.f * x[at];
  }
}

extern "C" __global__ void unwritten_output_sound(int n, const float* x, float* y) { twice_in_pairs<false>(n, x, y); }
SAGITTA_KERNEL(unwritten_output_sound)
extern "C" __global__ void unwritten_output_defect(int n, const float* x, float* y) { twice_in_pairs<true>(n, x, y); }
SAGITTA_KERNEL(unwritten_output_defect)
