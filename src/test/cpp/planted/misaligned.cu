// y = 2 x.  x, y: [n], n a multiple of 4; the first thread takes the elements in fours. The defect takes
// fours that begin at the second element, to which no 16-byte access may go.
#include "device.cuh"

template <bool defect>
__device__ __forceinline__ void twice_in_fours(int n, const float* x, float* y) {
  if (blockIdx.x > 0 || threadIdx.x > 0) return;
  int shift = defect ? 1 : 0;
  for (int at = shift; at + 4 <= n; at += 4) {
    float4 four = *reinterpret_cast<const float4*>(x + at);
    *reinterpret_cast<float4*>(y + at) = make_float4(2.f * four.x, 2.f * four.y, 2.f * four.z, 2.f * four.w);
  }
}

extern "C" __global__ void misaligned_sound(int n, const float* x, float* y) { twice_in_fours<false>(n, x, y); }
SAGITTA_KERNEL(misaligned_sound)
extern "C" __global__ void misaligned_defect(int n, const float* x, float* y) { twice_in_fours<true>(n, x, y); }
SAGITTA_KERNEL(misaligned_defect)
