// Operands of products in bf16, rounded once (to nearest, ties to even) rather than at each of the
// reads that a convolution makes of them: two neighbours to a word, the first in the lower half.
// Counts are multiples of 8 elements, pointers of 16 bytes; one thread 8 elements, grid-stride.
#include "grid.cuh"
#include "norm_relu.cuh"

__device__ __forceinline__ void store_8(uint32_t* words, float4 low, float4 high) {
  *reinterpret_cast<uint4*>(words) = make_uint4(
      pack_bf16(low.x, low.y), pack_bf16(low.z, low.w), pack_bf16(high.x, high.y),
      pack_bf16(high.z, high.w));
}

extern "C" __global__ void __launch_bounds__(256) bf16_round_f32(
    int64_t eights, const float* x, uint32_t* words) {
  for (int64_t i = grid_thread(); i < eights; i += grid_threads()) {
    store_8(words + 4 * i, load_4(x + 8 * i), load_4(x + 8 * i + 4));
  }
}
SAGITTA_KERNEL(bf16_round_f32)

// Of relu(norm(x)), as norm_relu.cuh says; x: [rows, channels], channels a multiple of 8,
// coefficients: [3, channels].
extern "C" __global__ void __launch_bounds__(256) bf16_norm_relu_f32(
    int64_t eights, int channels, const float* x, const float* coefficients, uint32_t* words) {
  Coefficients by = {coefficients, channels};
  for (int64_t i = grid_thread(); i < eights; i += grid_threads()) {
    int channel = static_cast<int>(8 * i % channels);
    store_8(
        words + 4 * i, by.apply(load_4(x + 8 * i), channel),
        by.apply(load_4(x + 8 * i + 4), channel + 4));
  }
}
SAGITTA_KERNEL(bf16_norm_relu_f32)
