// y = relu(norm(x)) * w, the normalised images never stored: conv2d_statistics.cu with x taken as
// norm_relu.cuh says. coefficients: [3, C], from batch_norm_coefficients_f32. Channels of a group are
// multiples of 4, pointers of 16 bytes. Images for bf16 are normalised and rounded before, see
// bf16.cu. Deterministic.
#include "conv2d_statistics.cuh"
#include "norm_relu.cuh"

template <int precision, int rows, int columns>
__device__ __forceinline__ void norm_relu_conv2d(
    const ImageSizes& s, const float* x, const float* coefficients, const float* w, int paired,
    float* y, double* partial) {
  DYNAMIC_SHARED(float, shared);
  constexpr int THREADS = Tiling<precision, rows, columns>::threads;
  Corner* corners = reinterpret_cast<Corner*>(shared + STAGES * (rows + columns) * DEPTH);
  Part part = part_of_block<rows, columns>(s);
  int channel = part.group * s.group_channels.divisor;
  NormReluImageLoader<typename Images<precision, rows, THREADS, true>::Loader> images(
      s, x + channel, part.row, corners, {coefficients + channel, s.channels});
  conv2d_statistics<precision, rows, columns, true>(
      s, part, images, w, paired, 0, y, partial, shared);
}

#define NORM_RELU_CONV2D(name, precision, rows, columns)                                    \
  extern "C" __global__ void __launch_bounds__((Tiling<precision, rows, columns>::threads)) \
      name(ImageSizes s, const float* x, const float* coefficients, const float* w, int paired, \
           float* y, double* partial) {                                                     \
    norm_relu_conv2d<precision, rows, columns>(s, x, coefficients, w, paired, y, partial);  \
  }                                                                                         \
  SAGITTA_KERNEL(name)

#define NORM_RELU_CONV2DS(precision, suffix)                                 \
  NORM_RELU_CONV2D(norm_relu_conv2d_128x128_##suffix, precision, 128, 128)   \
  NORM_RELU_CONV2D(norm_relu_conv2d_128x64_##suffix, precision, 128, 64)     \
  NORM_RELU_CONV2D(norm_relu_conv2d_64x64_##suffix, precision, 64, 64)

NORM_RELU_CONV2DS(FP32, fp32)
NORM_RELU_CONV2DS(TF32X3, tf32x3)
NORM_RELU_CONV2DS(TF32, tf32)
