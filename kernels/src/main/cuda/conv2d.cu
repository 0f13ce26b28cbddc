// y = act(x * w + bias + residual), a correlation as a product of (pixels) x (taps, channels) and
// (taps, channels) x (outputs), group by group; nothing is unfolded in memory. x: [N, H, W, C], y
// and residual: [N, P, Q, O], NHWC; w: [O, taps, C/groups], packed; bias: [O]. bias and residual
// may be null. The input's gradient is the same product with other steps, see conv2d_grad_input.cu.
// A block makes rows (pixels) x columns (outputs) of one group (blockIdx.y); blockIdx.x counts
// columns, then rows. Threads as product.cuh; shared memory: its tiles, then a corner a row.
// conv2d_<rows>x<columns>: channels of a group are multiples of 4, pointers of 16 bytes;
// conv2d_scalar: 64x64, no such condition. paired: outputs are even and y is aligned to 8 bytes.
// Deterministic.
#include "image.cuh"
#include "matrix.cuh"
#include "product.cuh"

struct ConvolutionSink {
  const ImageSizes& s;
  const float* bias;
  const float* residual;
  float* y;
  int first_row, first_column, first_output;
  bool relu, paired;
  int64_t at;

  __device__ __forceinline__ bool row(int row) {
    int pixel = first_row + row;
    int image = s.grid.quotient(pixel), within = pixel - image * s.grid.divisor;
    int p = s.grid_width.quotient(within), q = within - p * s.grid_width.divisor;
    int line = image * s.out_height + p * s.out_step + s.out_y;
    int64_t place = static_cast<int64_t>(line) * s.out_width + q * s.out_step + s.out_x;
    at = place * s.out_channels + first_output;
    return pixel < s.pixels;
  }

  __device__ __forceinline__ float finish(int output, float sum) const {
    if (bias) sum += bias[first_output + output];
    if (residual) sum += residual[at + output];
    return relu && sum < 0.f ? 0.f : sum;
  }

  __device__ __forceinline__ void one(int column, float sum) const {
    int output = first_column + column;
    if (output < s.group_outputs) y[at + output] = finish(output, sum);
  }

  __device__ __forceinline__ void pair(int column, float first, float second) const {
    int output = first_column + column;
    if (paired && output < s.group_outputs) {
      *reinterpret_cast<float2*>(y + at + output) =
          make_float2(finish(output, first), finish(output + 1, second));
    } else {
      one(column, first);
      one(column + 1, second);
    }
  }
};

template <int precision, int rows, int columns, bool aligned>
struct WeightLoader {
  typedef LineLoader<columns, Tiling<precision, rows, columns>::threads> Type;

  static __device__ __forceinline__ Type of(const float* w, int depth, int first, int count) {
    return {w, depth, first, count, depth};
  }
};

template <int precision, int rows, int columns>
struct WeightLoader<precision, rows, columns, false> {
  typedef ScalarLoader<columns, Tiling<precision, rows, columns>::threads> Type;

  static __device__ __forceinline__ Type of(const float* w, int depth, int first, int count) {
    return {w, depth, 1, first, count, depth};
  }
};

template <int precision, int rows, int columns, bool aligned>
__device__ __forceinline__ void conv2d(
    const ImageSizes& s, const float* x, const float* w, const float* bias, const float* residual,
    int relu, int paired, float* y) {
  DYNAMIC_SHARED(float, shared);
  constexpr int THREADS = Tiling<precision, rows, columns>::threads;
  Corner* corners = reinterpret_cast<Corner*>(shared + STAGES * (rows + columns) * DEPTH);
  int across = (s.group_outputs - 1) / columns + 1;
  int row = blockIdx.x / across * rows, column = blockIdx.x % across * columns, group = blockIdx.y;
  find_corners<rows, THREADS>(s, row, corners);
  __syncthreads();
  ImageLoader<rows, THREADS, aligned> left = {s, x + group * s.group_channels.divisor, corners};
  const float* group_w = w + static_cast<int64_t>(group) * s.group_outputs * s.depth;
  auto right = WeightLoader<precision, rows, columns, aligned>::of(
      group_w, s.depth, column, s.group_outputs);
  ConvolutionSink sink = {
      s, bias, residual, y, row, column, group * s.group_outputs, relu != 0, paired != 0, 0};
  product<precision, rows, columns>(left, right, sink, shared, 0, (s.depth + DEPTH - 1) / DEPTH);
}

#define CONV2D(name, precision, rows, columns, aligned)                                           \
  extern "C" __global__ void __launch_bounds__((Tiling<precision, rows, columns>::threads))       \
      name(ImageSizes s, const float* x, const float* w, const float* bias, const float* residual, \
           int relu, int paired, float* y) {                                                      \
    conv2d<precision, rows, columns, aligned>(s, x, w, bias, residual, relu, paired, y);          \
  }                                                                                               \
  SAGITTA_KERNEL(name)

#define CONV2DS(precision, suffix)                                 \
  CONV2D(conv2d_128x128_##suffix, precision, 128, 128, true)       \
  CONV2D(conv2d_128x64_##suffix, precision, 128, 64, true)         \
  CONV2D(conv2d_64x64_##suffix, precision, 64, 64, true)           \
  CONV2D(conv2d_scalar_##suffix, precision, 64, 64, false)

CONV2DS(FP32, fp32)
CONV2DS(TF32X3, tf32x3)
CONV2DS(TF32, tf32)
CONV2DS(BF16, bf16)

// packed[o, t, c] = w[o, c, t].  w: [outputs, channels, taps], packed: [outputs, taps, channels];
// count: elements of each. One thread an element, grid-stride.
extern "C" __global__ void conv2d_pack_f32(
    int64_t count, int channels, int taps, const float* w, float* packed) {
  int64_t step = static_cast<int64_t>(gridDim.x) * blockDim.x;
  int64_t first = static_cast<int64_t>(blockIdx.x) * blockDim.x + threadIdx.x;
  for (int64_t i = first; i < count; i += step) {
    int64_t line = i / channels;
    int channel = static_cast<int>(i - line * channels);
    int64_t output = line / taps;
    packed[i] = w[(output * channels + channel) * taps + (line - output * taps)];
  }
}
SAGITTA_KERNEL(conv2d_pack_f32)
