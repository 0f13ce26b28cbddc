// What a block of the weights' gradient does, whatever loads its images.
#pragma once
#include "image.cuh"
#include "matrix.cuh"
#include "product.cuh"

template <int precision, int rows, int columns, bool aligned>
struct GradientLoader {
  typedef TermLoader<columns, Tiling<precision, rows, columns>::threads> Type;

  static __device__ __forceinline__ Type of(const ImageSizes& s, const float* grad_y, int first) {
    return {grad_y, s.out_channels, first, s.group_outputs, s.pixels};
  }
};

template <int precision, int rows, int columns>
struct GradientLoader<precision, rows, columns, false> {
  typedef ScalarLoader<columns, Tiling<precision, rows, columns>::threads> Type;

  static __device__ __forceinline__ Type of(const ImageSizes& s, const float* grad_y, int first) {
    return {grad_y, 1, s.out_channels, first, s.group_outputs, s.pixels};
  }
};

// Of words.
template <int columns, int threads, class Order>
struct WordGradientLoader {
  typedef TermLoader<columns / 2, threads, Order> Type;

  static __device__ __forceinline__ Type of(const ImageSizes& s, const float* grad_y, int first) {
    return {grad_y, s.out_channels / 2, first / 2, s.group_outputs / 2, s.pixels};
  }
};

template <int rows, int columns>
struct GradientLoader<BF16_WORDS, rows, columns, true>
    : WordGradientLoader<
          columns, Tiling<BF16_WORDS, rows, columns>::threads, PairTile<columns>> {};

template <int precision, int rows, int threads, bool aligned>
struct Patches {
  typedef PatchLoader<rows, threads, aligned> Type;
};

template <int rows, int threads>
struct Patches<BF16_WORDS, rows, threads, true> {
  typedef PatchLoader<rows / 2, threads, true, PairTile<rows>> Type;
};

// Lines of a product to an element in memory.
template <int precision>
constexpr int LINES = READS_WORDS<precision> ? 2 : 1;

// `images` are the block's rows (tap, channel), from `row` on, of its group. blockIdx.x counts
// columns, then rows; blockIdx.y groups; blockIdx.z parts of the pixels.
template <int precision, int rows, int columns, bool aligned, class Images>
__device__ __forceinline__ void conv2d_grad_weight(
    const ImageSizes& s, const Images& images, int row, const float* grad_y, float* parts,
    float* shared) {
  int across = (s.group_outputs - 1) / columns + 1;
  int column = blockIdx.x % across * columns, group = blockIdx.y;
  auto right = GradientLoader<precision, rows, columns, aligned>::of(
      s, grad_y + group * (s.group_outputs / LINES<precision>), column);
  int64_t part = blockIdx.z * static_cast<int64_t>(gridDim.y) + group;
  int lines = s.depth * LINES<precision>;
  MatrixSink sink = {
      parts + part * lines * s.group_outputs, row, column, lines, s.group_outputs,
      s.group_outputs % 2 == 0, nullptr};
  int64_t tiles = (s.pixels - 1) / Images::Tile::terms + 1;
  int from = static_cast<int>(tiles * blockIdx.z / gridDim.z);
  int to = static_cast<int>(tiles * (blockIdx.z + 1) / gridDim.z);
  product<precision, rows, columns>(images, right, sink, shared, from, to);
}

// The first row (tap, channel) of a block.
template <int rows, int columns>
__device__ __forceinline__ int first_row(const ImageSizes& s) {
  return static_cast<int>(blockIdx.x) / ((s.group_outputs - 1) / columns + 1) * rows;
}

template <int precision, int rows, int columns, bool aligned>
__device__ __forceinline__ void conv2d_grad_weight(
    const ImageSizes& s, const float* x, const float* grad_y, float* parts) {
  DYNAMIC_SHARED(float, shared);
  constexpr int THREADS = Tiling<precision, rows, columns>::threads;
  int row = first_row<rows, columns>(s);
  typename Patches<precision, rows, THREADS, aligned>::Type images = {
      s, x + blockIdx.y * s.group_channels.divisor, row / LINES<precision>, s.depth};
  conv2d_grad_weight<precision, rows, columns, aligned>(s, images, row, grad_y, parts, shared);
}
