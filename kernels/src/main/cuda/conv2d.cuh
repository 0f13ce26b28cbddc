// What the convolutions with images as their left operand share: packed weights as the right one,
// where a block's part of the result lies and where it goes.
#pragma once
#include "elements.cuh"
#include "image.cuh"
#include "matrix.cuh"
#include "product.cuh"

// How a precision's products load images.
template <int precision, int lines, int threads, bool aligned>
struct Images {
  typedef ImageLoader<lines, threads, aligned> Loader;
};

template <int lines, int threads>
struct Images<TF32, lines, threads, true> {
  typedef PixelLoader<lines, threads> Loader;
};

template <int lines, int threads>
struct Images<BF16_WORDS, lines, threads, true> {
  typedef PixelLoader<lines, threads> Loader;
};

// Whether a precision's products may be of images that are stored as bf16.
template <int precision>
constexpr bool READS_BF16 = precision == BF16 || precision == BF16_WORDS;

// Finishes sums and stores them to y, of fp32 or, as the residual then is, of bf16. paired: outputs
// are even, and y and the residual begin where two elements may be accessed at once.
struct ConvolutionSink {
  const ImageSizes& s;
  const float* bias;
  const void* residual;
  void* y;
  int first_row, first_column, first_output;
  bool relu, paired, bf16;
  int64_t at;

  __device__ __forceinline__ bool row(int row) {
    int pixel = first_row + row;
    GridPixel of = grid_pixel(s, pixel);
    int line = of.image * s.out_height + of.p * s.out_step + s.out_y;
    int64_t place = static_cast<int64_t>(line) * s.out_width + of.q * s.out_step + s.out_x;
    at = place * s.out_channels + first_output;
    return pixel < s.pixels;
  }

  // What is stored of a finished sum.
  __device__ __forceinline__ float stored(float v) const { return bf16 ? round_bf16(v) : v; }

  // `added` is the residual's element.
  __device__ __forceinline__ float finish(int output, float sum, float added) const {
    if (bias) sum += bias[first_output + output];
    if (residual) sum += added;
    return relu && sum < 0.f ? 0.f : sum;
  }

  template <class Element>
  __device__ __forceinline__ void put(int output, float sum) const {
    int64_t place = at + output;
    float added = residual ? load_1(static_cast<const Element*>(residual) + place) : 0.f;
    store_1(static_cast<Element*>(y) + place, finish(output, sum, added));
  }

  template <class Element>
  __device__ __forceinline__ void put(int output, float first, float second) const {
    int64_t place = at + output;
    float2 added =
        residual ? load_2(static_cast<const Element*>(residual) + place) : make_float2(0.f, 0.f);
    first = finish(output, first, added.x);
    second = finish(output + 1, second, added.y);
    store_2(static_cast<Element*>(y) + place, make_float2(first, second));
  }

  __device__ __forceinline__ void one(int column, float sum) const {
    int output = first_column + column;
    if (output >= s.group_outputs) return;
    if (bf16) {
      put<Bf16>(output, sum);
    } else {
      put<float>(output, sum);
    }
  }

  __device__ __forceinline__ void pair(int column, float first, float second) const {
    int output = first_column + column;
    if (!paired || output >= s.group_outputs) {
      one(column, first);
      one(column + 1, second);
    } else if (bf16) {
      put<Bf16>(output, first, second);
    } else {
      put<float>(output, first, second);
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

// The part of a convolution that a block makes: rows x columns from here on, of one group. blockIdx.x
// counts columns, then rows; blockIdx.y groups.
struct Part {
  int row, column, group;
};

template <int rows, int columns>
__device__ __forceinline__ Part part_of_block(const ImageSizes& s) {
  int across = (s.group_outputs - 1) / columns + 1;
  int block = static_cast<int>(blockIdx.x), row = block / across;
  return {row * rows, (block - row * across) * columns, static_cast<int>(blockIdx.y)};
}

// The weights that a block multiplies with.
template <int precision, int rows, int columns, bool aligned>
__device__ __forceinline__ auto weights_of(const ImageSizes& s, const Part& part, const float* w) {
  const float* group_w = w + static_cast<int64_t>(part.group) * s.group_outputs * s.depth;
  return WeightLoader<precision, rows, columns, aligned>::of(
      group_w, s.depth, part.column, s.group_outputs);
}
