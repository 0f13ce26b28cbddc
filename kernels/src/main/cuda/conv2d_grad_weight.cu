// The weights' gradient gradW[o, c, t] = sum over images and pixels of x[n, p*stride - padding + i,
// q*stride - padding + j, c] gradY[n, p, q, o], tap t = (i, j), as a product of (taps, channels) x
// (pixels) and (pixels) x (outputs), group by group. x: [N, H, W, C], gradY: [N, P, Q, O]. A block
// makes rows (tap, channel) x columns (outputs) of one group (blockIdx.y) over one of gridDim.z
// equal parts of the pixels, and writes them to parts [part, group, taps * channels, outputs];
// conv2d_grad_weight_sum_f32 adds these in order. blockIdx.x counts columns, then rows. Threads and
// shared memory as product.cuh. _<rows>x<columns>: channels and outputs of a group are multiples of
// 4, pointers of 16 bytes, and in bf16 x and gradY are words (bf16.cu) of multiples of 8 channels;
// _scalar: 64x64, fp32, no such condition. Deterministic.
#include "conv2d_grad_weight.cuh"

#define CONV2D_GRAD_WEIGHT(name, precision, rows, columns, aligned)                         \
  extern "C" __global__ void __launch_bounds__((Tiling<precision, rows, columns>::threads)) \
      name(ImageSizes s, const float* x, const float* grad_y, float* parts) {               \
    conv2d_grad_weight<precision, rows, columns, aligned>(s, x, grad_y, parts);             \
  }                                                                                         \
  SAGITTA_KERNEL(name)

#define CONV2D_GRAD_WEIGHTS(aligned, scalar, suffix)                                     \
  CONV2D_GRAD_WEIGHT(conv2d_grad_weight_128x128_##suffix, aligned, 128, 128, true)       \
  CONV2D_GRAD_WEIGHT(conv2d_grad_weight_128x64_##suffix, aligned, 128, 64, true)         \
  CONV2D_GRAD_WEIGHT(conv2d_grad_weight_64x64_##suffix, aligned, 64, 64, true)           \
  CONV2D_GRAD_WEIGHT(conv2d_grad_weight_scalar_##suffix, scalar, 64, 64, false)

CONV2D_GRAD_WEIGHTS(FP32, FP32, fp32)
CONV2D_GRAD_WEIGHTS(TF32X3, TF32X3, tf32x3)
CONV2D_GRAD_WEIGHTS(TF32, TF32, tf32)
CONV2D_GRAD_WEIGHTS(BF16_WORDS, BF16, bf16)

// V floats that are read at once.
template <int V>
struct __align__(4 * V) Neighbours {
  float of[V];
};

// gradW[g, o, c, t] = sum of parts[., g, t, c, o], zero where there are none. count: elements of a
// part, which has `stored` channels a group, of which the first are wanted.
// A block of 256 threads makes `lines` (c, t), a power of two, x 32 outputs of one group (blockIdx.z).
// Its threads share the parts in 8 * V / lines runs of `share`, which must cover them: each adds up a
// run for V neighbouring outputs of a line, in order and in float64. The runs' sums are added in order
// by way of shared memory, which transposes them too, so that reads and writes are of neighbours.
// V: 1, or 4 where outputs is a multiple of 4; lines <= 8 * V. Shared: 2.1 KiB a V. Deterministic, =.
template <int V>
__device__ __forceinline__ void sum_parts(
    int64_t count, int parts, int share, int lines, int taps, int channels, int stored, int outputs,
    const float* __restrict__ from, float* __restrict__ grad_w) {
  constexpr int THREADS = 256, WIDTH = 32, ACROSS = WIDTH / V, DOWN = THREADS / ACROSS;
  constexpr int AT_ONCE = 4;  // loads under way
  __shared__ double sums[DOWN][WIDTH + 1];
  int64_t group = blockIdx.z;
  int end = channels * taps, first_line = blockIdx.x * lines, first_output = blockIdx.y * WIDTH;
  int across = threadIdx.x % ACROSS * V, down = threadIdx.x / ACROSS;
  int line = first_line + (down & (lines - 1)), output = first_output + across;
  double sum[V] = {};
  if (line < end && output < outputs) {
    int channel = line / taps, tap = line - channel * taps;
    int p = down / lines * share;
    int to = min(p + share, parts);
    const float* at = from + p * count +
                      ((group * taps + tap) * stored + channel) * outputs + output;
#pragma unroll 1
    for (; p < to; p += AT_ONCE, at += AT_ONCE * count) {
      Neighbours<V> terms[AT_ONCE] = {};
#pragma unroll
      for (int i = 0; i < AT_ONCE; ++i) {
        if (p + i < to) terms[i] = *reinterpret_cast<const Neighbours<V>*>(at + i * count);
      }
#pragma unroll
      for (int i = 0; i < AT_ONCE; ++i) {
#pragma unroll
        for (int k = 0; k < V; ++k) sum[k] += terms[i].of[k];
      }
    }
  }
#pragma unroll
  for (int k = 0; k < V; ++k) sums[down][across + k] = sum[k];
  __syncthreads();
  down = threadIdx.x & (lines - 1);
  line = first_line + down;
  if (line >= end) return;
  for (across = threadIdx.x / lines; across < WIDTH; across += THREADS / lines) {
    output = first_output + across;
    if (output >= outputs) return;
    double total = 0;
#pragma unroll 4
    for (int row = down; row < DOWN; row += lines) total += sums[row][across];
    grad_w[(group * outputs + output) * end + line] = static_cast<float>(total);
  }
}

// With five blocks on a multiprocessor there are registers for all loads; left to itself the compiler
// takes fewer, and waits for each load before the next.
#define CONV2D_GRAD_WEIGHT_SUM(name, V)                                                      \
  extern "C" __global__ void __launch_bounds__(256, 5) name(                                 \
      int64_t count, int parts, int share, int lines, int taps, int channels, int stored,    \
      int outputs, const float* from, float* grad_w) {                                       \
    sum_parts<V>(count, parts, share, lines, taps, channels, stored, outputs, from, grad_w); \
  }                                                                                          \
  SAGITTA_KERNEL(name)

CONV2D_GRAD_WEIGHT_SUM(conv2d_grad_weight_sum_f32, 1)
CONV2D_GRAD_WEIGHT_SUM(conv2d_grad_weight_sum_four_f32, 4)
