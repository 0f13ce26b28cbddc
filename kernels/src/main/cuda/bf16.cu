// Images from fp32 to bf16 and back. fp32 operands of bf16 products are rounded once, here, rather
// than at each of the reads that a convolution makes of them. One thread 8 elements where both arrays
// are aligned to 16 bytes, else one; grid-stride. Deterministic, =.
#include "grid.cuh"
#include "norm_relu.cuh"

template <class From, class To>
__device__ __forceinline__ void convert(int64_t n, const From* x, To* y) {
  int64_t eights = aligned_16(x) && aligned_16(y) ? n / 8 : 0;
  for (int64_t i = grid_thread(); i < eights; i += grid_threads()) {
    store_8(y + 8 * i, load_8(x + 8 * i));
  }
  for (int64_t i = 8 * eights + grid_thread(); i < n; i += grid_threads()) {
    store_1(y + i, load_1(x + i));
  }
}

// y = x, rounded; a NaN stays one.  x, y: [n].
extern "C" __global__ void __launch_bounds__(256) bf16_round_f32(
    int64_t n, const float* x, Bf16* y) {
  convert(n, x, y);
}
SAGITTA_KERNEL(bf16_round_f32)

// y = x, exactly.  x, y: [n].
extern "C" __global__ void __launch_bounds__(256) bf16_widen_bf16(
    int64_t n, const Bf16* x, float* y) {
  convert(n, x, y);
}
SAGITTA_KERNEL(bf16_widen_bf16)

template <class Element>
__device__ __forceinline__ void pad(
    int64_t eights, int channels, int padded, const Element* x, Bf16* y) {
  for (int64_t i = grid_thread(); i < eights; i += grid_threads()) {
    int64_t row = 8 * i / padded;
    int first = static_cast<int>(8 * i - row * padded);
    float v[8];
#pragma unroll
    for (int k = 0; k < 8; ++k) {
      int channel = first + k;
      v[k] = channel < channels ? load_1(x + row * channels + channel) : 0.f;
    }
    store_8(y + 8 * i, {make_float4(v[0], v[1], v[2], v[3]), make_float4(v[4], v[5], v[6], v[7])});
  }
}

// y = x, rounded, and zeros behind each row.  x: [rows, channels], y: [rows, padded], aligned, padded a
// multiple of 8; eights: elements of y / 8.
extern "C" __global__ void __launch_bounds__(256) bf16_pad_f32(
    int64_t eights, int channels, int padded, const float* x, Bf16* y) {
  pad(eights, channels, padded, x, y);
}
SAGITTA_KERNEL(bf16_pad_f32)

extern "C" __global__ void __launch_bounds__(256) bf16_pad_bf16(
    int64_t eights, int channels, int padded, const Bf16* x, Bf16* y) {
  pad(eights, channels, padded, x, y);
}
SAGITTA_KERNEL(bf16_pad_bf16)

template <class Element>
__device__ __forceinline__ void norm_relu(
    int64_t eights, int channels, const Element* x, const float* coefficients, Bf16* y) {
  Coefficients by = {coefficients, channels};
  for (int64_t i = grid_thread(); i < eights; i += grid_threads()) {
    int channel = static_cast<int>(8 * i % channels);
    Eight v = load_8(x + 8 * i);
    store_8(y + 8 * i, {by.apply(v.low, channel), by.apply(v.high, channel + 4)});
  }
}

// y = relu(norm(x)) as norm_relu.cuh says, rounded.  x, y: [rows, channels], aligned, channels a
// multiple of 8; eights: elements / 8; coefficients: [3, channels].
extern "C" __global__ void __launch_bounds__(256) bf16_norm_relu_f32(
    int64_t eights, int channels, const float* x, const float* coefficients, Bf16* y) {
  norm_relu(eights, channels, x, coefficients, y);
}
SAGITTA_KERNEL(bf16_norm_relu_f32)

extern "C" __global__ void __launch_bounds__(256) bf16_norm_relu_bf16(
    int64_t eights, int channels, const Bf16* x, const float* coefficients, Bf16* y) {
  norm_relu(eights, channels, x, coefficients, y);
}
SAGITTA_KERNEL(bf16_norm_relu_bf16)
