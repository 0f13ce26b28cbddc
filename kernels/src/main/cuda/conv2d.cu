// y = act(x * w + bias + residual), a correlation as a product of (pixels) x (taps, channels) and
// (taps, channels) x (outputs), group by group; nothing is unfolded in memory. x: [N, H, W, C], y
// and residual: [N, P, Q, O], NHWC; w: [O, taps, C/groups], packed; bias: [O]. bias and residual
// may be null. The input's gradient is the same product with other steps, see conv2d_grad_input.cu.
// A block makes rows (pixels) x columns (outputs) of one group (blockIdx.y); blockIdx.x counts
// columns, then rows. Threads as product.cuh; shared memory: its tiles, then a corner a row.
// conv2d_<rows>x<columns>: channels of a group are multiples of 4, pointers of 16 bytes, and in bf16
// x and w are words (bf16.cu) of multiples of 8 channels, zeros among them, and all sizes but outputs
// count words; conv2d_scalar: 64x64, x and w fp32 in memory, no such condition. bf16: y and residual
// are, in the kernels of that precision. paired: outputs are even, y and residual aligned to two
// elements. Deterministic.
#include "conv2d.cuh"
#include "grid.cuh"

#define CONV2D(name, precision, rows, columns, aligned)                                           \
  extern "C" __global__ void __launch_bounds__((Tiling<precision, rows, columns>::threads))       \
      name(ImageSizes s, const float* x, const float* w, const float* bias, const void* residual, \
           int relu, int paired, int bf16, void* y) {                                             \
    conv2d<precision, rows, columns, aligned>(s, x, w, bias, residual, relu, paired, bf16, y);    \
  }                                                                                               \
  SAGITTA_KERNEL(name)

#define CONV2DS(aligned, scalar, suffix)                         \
  CONV2D(conv2d_128x128_##suffix, aligned, 128, 128, true)       \
  CONV2D(conv2d_128x64_##suffix, aligned, 128, 64, true)         \
  CONV2D(conv2d_64x64_##suffix, aligned, 64, 64, true)           \
  CONV2D(conv2d_scalar_##suffix, scalar, 64, 64, false)

CONV2DS(FP32, FP32, fp32)
CONV2DS(TF32X3, TF32X3, tf32x3)
CONV2DS(TF32, TF32, tf32)
CONV2DS(BF16_WORDS, BF16, bf16)

// Element i of [outputs, taps, channels], w: [outputs, kept, taps]; zero in channels beyond those.
__device__ __forceinline__ float unpacked(
    int64_t i, int channels, int kept, int taps, const float* w) {
  int64_t line = i / channels, output = line / taps;
  int channel = static_cast<int>(i - line * channels);
  return channel < kept ? w[(output * kept + channel) * taps + (line - output * taps)] : 0.f;
}

// packed[o, t, c] = w[o, c, t].  w: [outputs, channels, taps], packed: [outputs, taps, channels];
// count: elements of each. One thread an element, grid-stride.
extern "C" __global__ void conv2d_pack_f32(
    int64_t count, int channels, int taps, const float* w, float* packed) {
  for (int64_t i = grid_thread(); i < count; i += grid_threads()) {
    packed[i] = unpacked(i, channels, channels, taps, w);
  }
}
SAGITTA_KERNEL(conv2d_pack_f32)

// The same as words of two neighbouring channels, an even number of them, those beyond `kept` zero;
// w: [outputs, kept, taps]. count: words.
extern "C" __global__ void conv2d_pack_bf16(
    int64_t count, int channels, int kept, int taps, const float* w, uint32_t* packed) {
  for (int64_t i = grid_thread(); i < count; i += grid_threads()) {
    packed[i] = pack_bf16(
        unpacked(2 * i, channels, kept, taps, w), unpacked(2 * i + 1, channels, kept, taps, w));
  }
}
SAGITTA_KERNEL(conv2d_pack_bf16)
