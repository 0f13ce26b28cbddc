// The statistics of a convolution's result, taken while it is in registers: a block keeps its part of
// the result in shared memory as well, in the room of the operands' tiles, and each of its threads
// sums up one column (channel) of a slice of rows.
#pragma once
#include "conv2d.cuh"

template <int precision, int rows, int columns>
struct StatisticsShape {
  static constexpr int threads = Tiling<precision, rows, columns>::threads;
  // Rows of a slice; CudaConvolution knows them as the rows of a part.
  static constexpr int slice = rows * columns / threads;
  // Columns, and a gap that puts the rows that a warp stores at once into other banks.
  static constexpr int width = columns + 8;
  static_assert(threads % columns == 0, "whole slices");
  static_assert(rows * width <= STAGES * (rows + columns) * DEPTH, "fits the operands' room");
};

// Stores sums to y and, rounded as y is, to a block's part of it in shared memory.
template <int width>
struct StatisticsSink {
  ConvolutionSink y;
  float* part;
  float* at;

  __device__ __forceinline__ bool row(int row) {
    at = part + row * width;
    return y.row(row);
  }

  __device__ __forceinline__ void one(int column, float sum) const {
    at[column] = y.stored(sum);
    y.one(column, sum);
  }

  __device__ __forceinline__ void pair(int column, float first, float second) const {
    store_2(at + column, make_float2(y.stored(first), y.stored(second)));
    y.pair(column, first, second);
  }
};

template <int width>
__device__ __forceinline__ void before_sums(StatisticsSink<width>&) {
  __syncthreads();
}

// The same where y takes fours.
template <class Element, int width>
struct StatisticsFourSink {
  FourSink<Element, false> y;
  float* part;
  float* at;

  __device__ __forceinline__ void row(int row) {
    at = part + row * width;
    y.row(row);
  }

  __device__ __forceinline__ void four(int column, float2 (&v)[4]) const {
    float* to = at + column + (threadIdx.x & 3) * 2;
#pragma unroll
    for (int i = 0; i < 4; ++i) {
      store_2(to + i * 8, make_float2(y.sink.stored(v[i].x), y.sink.stored(v[i].y)));
    }
    y.four(column, v);
  }
};

template <int rows, int columns, class Sums, int width>
__device__ __forceinline__ void give_sums(const Sums& sums, StatisticsSink<width>& sink) {
  if constexpr (Sums::gives_fours) {
    if (sink.y.takes_fours(rows, columns)) {
      if (sink.y.bf16) {
        StatisticsFourSink<Bf16, width> four = {{sink.y, 0}, sink.part, sink.part};
        sums.give_fours(four);
      } else {
        StatisticsFourSink<float, width> four = {{sink.y, 0}, sink.part, sink.part};
        sums.give_fours(four);
      }
      return;
    }
  }
  sums.give(sink);
}

// partial[p] = means of the p-th slice of rows, then their sums of squared deviations from them:
// partial: [slices, 2, out_channels] float64, as batch_norm_statistics_finish_f32 reads it. Sums run
// in float64 over the results less the slice's first, so that nothing cancels.
template <int precision, int rows, int columns>
__device__ __forceinline__ void give_statistics(
    const ImageSizes& s, const Part& block, const float* part, double* partial) {
  typedef StatisticsShape<precision, rows, columns> Shape;
  __syncthreads();
  int thread = static_cast<int>(threadIdx.x), column = thread % columns;
  int row = thread / columns * Shape::slice;
  int left = s.pixels - (block.row + row), count = left < Shape::slice ? left : Shape::slice;
  if (count <= 0 || block.column + column >= s.group_outputs) return;
  const float* at = part + row * Shape::width + column;
  double shift = static_cast<double>(*at), sum = 0, squares = 0;
#pragma unroll 4
  for (int r = 0; r < count; ++r) {
    double d = static_cast<double>(at[r * Shape::width]) - shift;
    sum += d;
    squares = fma(d, d, squares);
  }
  double off = sum / count, deviation = squares - off * sum;
  int channel = block.group * s.group_outputs + block.column + column;
  int64_t slice = (block.row + row) / Shape::slice;
  double* to = partial + 2 * slice * s.out_channels + channel;
  to[0] = shift + off;
  to[s.out_channels] = deviation < 0 ? 0 : deviation;
}

// A convolution by a loader of images, with the statistics of its result.
template <int precision, int rows, int columns, bool aligned, class Images>
__device__ __forceinline__ void conv2d_statistics(
    const ImageSizes& s, const Part& part, const Images& images, const float* w, int paired,
    int bf16, void* y, double* partial, float* shared) {
  constexpr int WIDTH = StatisticsShape<precision, rows, columns>::width;
  auto right = weights_of<precision, rows, columns, aligned>(s, part, w);
  StatisticsSink<WIDTH> sink = {
      {s, nullptr, nullptr, y, part.row, part.column, part.group * s.group_outputs, false,
       paired != 0, READS_BF16<precision> && bf16 != 0, 0},
      shared, shared};
  product<precision, rows, columns>(images, right, sink, shared, 0, (s.depth + DEPTH - 1) / DEPTH);
  give_statistics<precision, rows, columns>(s, part, shared, partial);
}

// The same of images as they are.
template <int precision, int rows, int columns, bool aligned>
__device__ __forceinline__ void conv2d_statistics(
    const ImageSizes& s, const float* x, const float* w, int paired, int bf16, void* y,
    double* partial) {
  DYNAMIC_SHARED(float, shared);
  constexpr int THREADS = Tiling<precision, rows, columns>::threads;
  Corner* corners = reinterpret_cast<Corner*>(shared + STAGES * (rows + columns) * DEPTH);
  Part part = part_of_block<rows, columns>(s);
  typename Images<precision, rows, THREADS, aligned>::Loader images(
      s, x + part.group * s.group_channels.divisor, part.row, corners);
  conv2d_statistics<precision, rows, columns, aligned>(
      s, part, images, w, paired, bf16, y, partial, shared);
}
