// The weights' gradient of norm_relu_conv2d.cu: conv2d_grad_weight.cu with x taken as norm_relu.cuh
// says; conv2d_grad_weight_sum_f32 adds the parts. coefficients: [3, C]. Channels and outputs of a
// group are multiples of 4, pointers of 16 bytes. Not for bf16, see norm_relu_conv2d.cu.
// Deterministic.
#include "conv2d_grad_weight.cuh"
#include "norm_relu.cuh"

template <int precision, int rows, int columns>
__device__ __forceinline__ void norm_relu_conv2d_grad_weight(
    const ImageSizes& s, const float* x, const float* coefficients, const float* grad_y,
    float* parts) {
  DYNAMIC_SHARED(float, shared);
  constexpr int THREADS = Tiling<precision, rows, columns>::threads;
  int row = first_row<rows, columns>(s);
  int channel = blockIdx.y * s.group_channels.divisor;
  NormReluPatchLoader<rows, THREADS> images = {
      {s, x + channel, row, s.depth}, {coefficients + channel, s.channels}};
  conv2d_grad_weight<precision, rows, columns, true>(s, images, row, grad_y, parts, shared);
}

#define NORM_RELU_GRAD_WEIGHT(name, precision, rows, columns)                               \
  extern "C" __global__ void __launch_bounds__((Tiling<precision, rows, columns>::threads)) \
      name(ImageSizes s, const float* x, const float* coefficients, const float* grad_y,    \
           float* parts) {                                                                  \
    norm_relu_conv2d_grad_weight<precision, rows, columns>(s, x, coefficients, grad_y, parts); \
  }                                                                                         \
  SAGITTA_KERNEL(name)

#define NORM_RELU_GRAD_WEIGHTS(precision, suffix)                                            \
  NORM_RELU_GRAD_WEIGHT(norm_relu_conv2d_grad_weight_128x128_##suffix, precision, 128, 128)  \
  NORM_RELU_GRAD_WEIGHT(norm_relu_conv2d_grad_weight_128x64_##suffix, precision, 128, 64)    \
  NORM_RELU_GRAD_WEIGHT(norm_relu_conv2d_grad_weight_64x64_##suffix, precision, 64, 64)

NORM_RELU_GRAD_WEIGHTS(FP32, fp32)
NORM_RELU_GRAD_WEIGHTS(TF32X3, tf32x3)
NORM_RELU_GRAD_WEIGHTS(TF32, tf32)
