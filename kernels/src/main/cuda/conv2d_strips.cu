// conv2d.cu and conv2d_statistics.cu for bf16 words where a row of taps is three and the step is 1, by
// strips, see conv2d_strips.cuh. Rows of the grid, which `rows` pixels are a whole number of, are at
// least 4 pixels. Shared memory: two stages, or for statistics a block's results where those take more;
// before them a corner a line of a strip. Otherwise as those. Deterministic.
#include "conv2d_strips.cuh"

// The room for stages behind the corners of a strip.
template <int rows, int columns>
__device__ __forceinline__ float* after_corners(const ImageSizes& s, float* shared) {
  int width = s.grid_width.divisor;
  return shared + rows / width * (width + TAPS - 1) * 2;
}

template <int rows, int columns>
__device__ __forceinline__ void plain(
    const ImageSizes& s, const float* x, const float* w, const float* bias, const float* residual,
    int relu, int paired, float* y) {
  DYNAMIC_SHARED(float, shared);
  Part part = part_of_block<rows, columns>(s);
  Strip<rows, columns> strip(s, part, x, w, reinterpret_cast<Corner*>(shared));
  __syncthreads();
  ConvolutionSink sink = {
      s, bias, residual, y, part.row, part.column, part.group * s.group_outputs, relu != 0,
      paired != 0, 0};
  convolve_strips(strip, sink, after_corners<rows, columns>(s, shared));
}

template <int rows, int columns>
__device__ __forceinline__ void statistics(
    const ImageSizes& s, const float* x, const float* w, int paired, float* y, double* partial) {
  DYNAMIC_SHARED(float, shared);
  constexpr int WIDTH = StatisticsShape<BF16_WORDS, rows, columns>::width;
  Part part = part_of_block<rows, columns>(s);
  Strip<rows, columns> strip(s, part, x, w, reinterpret_cast<Corner*>(shared));
  __syncthreads();
  float* room = after_corners<rows, columns>(s, shared);
  StatisticsSink<WIDTH> sink = {
      {s, nullptr, nullptr, y, part.row, part.column, part.group * s.group_outputs, false,
       paired != 0, 0},
      room, room};
  convolve_strips(strip, sink, room);
  give_statistics<BF16_WORDS, rows, columns>(s, part, room, partial);
}

#define STRIPS(rows, columns)                                                                     \
  extern "C" __global__ void __launch_bounds__((Tiling<BF16_WORDS, rows, columns>::threads))      \
      conv2d_strips_##rows##x##columns##_bf16(                                                    \
          ImageSizes s, const float* x, const float* w, const float* bias, const float* residual, \
          int relu, int paired, float* y) {                                                       \
    plain<rows, columns>(s, x, w, bias, residual, relu, paired, y);                               \
  }                                                                                               \
  SAGITTA_KERNEL(conv2d_strips_##rows##x##columns##_bf16)                                         \
  extern "C" __global__ void __launch_bounds__((Tiling<BF16_WORDS, rows, columns>::threads))      \
      conv2d_strips_statistics_##rows##x##columns##_bf16(                                         \
          ImageSizes s, const float* x, const float* w, int paired, float* y, double* partial) {  \
    statistics<rows, columns>(s, x, w, paired, y, partial);                                       \
  }                                                                                               \
  SAGITTA_KERNEL(conv2d_strips_statistics_##rows##x##columns##_bf16)

STRIPS(256, 128)
STRIPS(256, 64)
STRIPS(128, 64)
