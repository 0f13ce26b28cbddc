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

// packed[o, t, c] = w[o, c, t]; w: [outputs, kept, taps], packed: [outputs, taps, channels], zero in
// channels beyond those kept. A block has one output (blockIdx.x), `wide` of its channels (blockIdx.y)
// and `deep` of its taps (blockIdx.z), which it copies as they lie in w, all copies under way at once,
// and writes as they lie in packed, a thread one channel or word. Shared: 9 KiB. Preconditions: 256
// threads; wide is at most 256, wide * deep at most kPackFloats. Deterministic, =.
constexpr int kPackThreads = 256;
constexpr int kPackFloats = 2304;

// store(at, from, step) puts weights of `each` neighbouring channels, the first at `from` and `step`
// floats from one to the next, to packed[at] and on; channels and wide are multiples of each.
template <int each, class Store>
__device__ __forceinline__ void pack(
    int channels, int kept, int taps, int wide, int deep, const float* w, const Store& store) {
  __shared__ float tile[kPackFloats];
  int64_t output = blockIdx.x;
  int channel = static_cast<int>(blockIdx.y) * wide, tap = static_cast<int>(blockIdx.z) * deep;
  wide = min(wide, channels - channel);
  deep = min(deep, taps - tap);
  int there = (kept - channel) * deep;
  // Channels of all taps lie one behind the other.
  int lines = deep == taps ? 1 : wide;
  int length = deep == taps ? wide * deep : deep;
  for (int line = 0; line < lines; line++) {
    const float* from = w + (output * kept + channel + line) * taps + tap;
    for (int i = static_cast<int>(threadIdx.x); i < length; i += kPackThreads) {
      int at = line * length + i;
      cp_async_4(tile + at, from + i, at < there);
    }
  }
  cp_async_commit();
  cp_async_wait<0>();
  __syncthreads();
  unsigned columns = static_cast<unsigned>(wide) / each;
  int rows = static_cast<int>(kPackThreads / columns);
  int row = static_cast<int>(threadIdx.x / columns);
  int column = static_cast<int>(threadIdx.x % columns) * each;
  if (row >= rows) return;
  int64_t at = (output * taps + tap + row) * channels + channel + column;
  for (; row < deep; row += rows, at += static_cast<int64_t>(rows) * channels) {
    store(at, tile + column * deep + row, deep);
  }
}

extern "C" __global__ void __launch_bounds__(kPackThreads) conv2d_pack_f32(
    int channels, int kept, int taps, int wide, int deep, const float* w, float* packed) {
  pack<1>(channels, kept, taps, wide, deep, w, [=](int64_t at, const float* from, int) {
    packed[at] = *from;
  });
}
SAGITTA_KERNEL(conv2d_pack_f32)

// The same as words of two neighbouring channels.
extern "C" __global__ void __launch_bounds__(kPackThreads) conv2d_pack_bf16(
    int channels, int kept, int taps, int wide, int deep, const float* w, uint32_t* packed) {
  pack<2>(channels, kept, taps, wide, deep, w, [=](int64_t at, const float* from, int step) {
    packed[at / 2] = pack_bf16(from[0], from[step]);
  });
}
SAGITTA_KERNEL(conv2d_pack_bf16)
