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
    conv2d_grad_weight<precision, rows, columns, aligned>(s, x, grad_y, parts);                          \
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

// gradW[g, o, c, t] = sum of parts[., g, t, c, o], zero where there are none. count: elements of a part,
// which has `stored` channels a group, of which the first are wanted.
// A block adds up 32 (c, t) x 32 outputs of one group (blockIdx.z) and transposes them by way of 32 x 33
// floats of shared memory, so that it reads and writes neighbours; 256 threads. Adds in float64, in order.
extern "C" __global__ void conv2d_grad_weight_sum_f32(
    int64_t count, int parts, int taps, int channels, int stored, int outputs, const float* from,
    float* grad_w) {
  __shared__ float block[32][33];
  int64_t group = blockIdx.z;
  int lines = channels * taps;
  int across = threadIdx.x % 32, down = threadIdx.x / 32;
  int output = blockIdx.y * 32 + across;
#pragma unroll
  for (int i = down; i < 32; i += 8) {
    int line = blockIdx.x * 32 + i;
    if (line >= lines || output >= outputs) continue;
    int channel = line / taps, tap = line - channel * taps;
    const float* part = from + ((group * taps + tap) * stored + channel) * outputs + output;
    double sum = 0;
#pragma unroll 4
    for (int p = 0; p < parts; ++p) sum += part[p * count];
    block[i][across] = static_cast<float>(sum);
  }
  __syncthreads();
  int line = blockIdx.x * 32 + across;
  for (int i = down; i < 32; i += 8) {
    output = blockIdx.y * 32 + i;
    if (line < lines && output < outputs) {
      grad_w[(group * outputs + output) * lines + line] = block[across][i];
    }
  }
}
SAGITTA_KERNEL(conv2d_grad_weight_sum_f32)
