// The input's gradient gradX[n, y, x, c] = sum over taps (i, j) and outputs o of gradY[n, p, q, o]
// w[o, c, i, j] where p*stride = y + padding - i, q*stride = x + padding - j. Pixels with equal (y
// + padding) % stride, (x + padding) % stride, a phase, have the taps i, j of those remainders;
// each phase is a correlation of gradY with its taps in descending order and weights that trade
// channels and outputs, which the kernels of conv2d.cu compute. Here its weights are packed.
//
// packed[phase][g, c, i / stride, j / stride, o] = w[g*O + o, c, i, j], phase (i % stride, j %
// stride), row-major; w: [groups * O, C, KH, KW]. A phase with A x B taps takes groups * C * A * B
// * O elements. A block transposes 32 outputs x 32 (c, i, j) of one group (blockIdx.z) by way of 32
// x 33 floats of shared memory; 256 threads.
#include "device.cuh"

// Numbers below `count` whose remainder by `stride` is below `rest`.
__device__ __forceinline__ int below(int count, int stride, int rest) {
  int last = count % stride;
  return count / stride * rest + (last < rest ? last : rest);
}

// store(place, block, across, i) is called for every `each`-th output, block[across][i] its weight for
// one (c, i, j), and puts `each` of them to packed[place] and on.
template <int each, class Store>
__device__ __forceinline__ void pack(
    int groups, int outputs, int channels, int kernel_height, int kernel_width, int stride,
    const float* w, const Store& store) {
  __shared__ float block[32][33];
  int taps = kernel_height * kernel_width;
  int lines = channels * taps;
  int group = blockIdx.z;
  int across = threadIdx.x % 32, down = threadIdx.x / 32;
  int line = blockIdx.x * 32 + across;
#pragma unroll
  for (int i = 0; i < 32; i += 8) {
    int output = blockIdx.y * 32 + down + i;
    if (line < lines && output < outputs) {
      block[down + i][across] = w[(static_cast<int64_t>(group) * outputs + output) * lines + line];
    }
  }
  __syncthreads();
  constexpr int ACROSS = 32 / each;
  across = threadIdx.x % ACROSS * each;
  int output = blockIdx.y * 32 + across;
  for (int i = threadIdx.x / ACROSS; i < 32; i += 256 / ACROSS) {
    line = blockIdx.x * 32 + i;
    if (line >= lines || output >= outputs) continue;
    int channel = line / taps, row = line % taps / kernel_width, column = line % kernel_width;
    int rows_before = below(kernel_height, stride, row % stride);
    int columns_before = below(kernel_width, stride, column % stride);
    int phase_rows = below(kernel_height, stride, row % stride + 1) - rows_before;
    int phase_columns = below(kernel_width, stride, column % stride + 1) - columns_before;
    int before = rows_before * kernel_width + phase_rows * columns_before;
    int64_t phase = static_cast<int64_t>(before) * groups * channels;
    int64_t tap = (static_cast<int64_t>(group) * channels + channel) * phase_rows * phase_columns
        + row / stride * phase_columns + column / stride;
    store((phase + tap) * outputs + output, block, across, i);
  }
}

extern "C" __global__ void conv2d_grad_input_pack_f32(
    int groups, int outputs, int channels, int kernel_height, int kernel_width, int stride,
    const float* w, float* packed) {
  pack<1>(
      groups, outputs, channels, kernel_height, kernel_width, stride, w,
      [=](int64_t at, const float (&block)[32][33], int across, int i) {
        packed[at] = block[across][i];
      });
}
SAGITTA_KERNEL(conv2d_grad_input_pack_f32)

// The same as words of two neighbouring outputs, an even number of them.
extern "C" __global__ void conv2d_grad_input_pack_bf16(
    int groups, int outputs, int channels, int kernel_height, int kernel_width, int stride,
    const float* w, uint32_t* packed) {
  pack<2>(
      groups, outputs, channels, kernel_height, kernel_width, stride, w,
      [=](int64_t at, const float (&block)[32][33], int across, int i) {
        packed[at / 2] = pack_bf16(block[across][i], block[across + 1][i]);
      });
}
SAGITTA_KERNEL(conv2d_grad_input_pack_bf16)
