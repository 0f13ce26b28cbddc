// What the convolutions with images as their left operand share: packed weights as the right one,
// where a block's part of the result lies and where it goes.
#pragma once
#include "grid.cuh"
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

template <int lines, int threads>
struct Images<BF16_GROUPS, lines, threads, true> {
  typedef PixelLoader<lines, threads> Loader;
};

// Whether a precision's products may be of images that are stored as bf16.
template <int precision>
constexpr bool READS_BF16 = precision == BF16 || READS_WORDS<precision>;

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

  // Where the row's results begin.
  __device__ __forceinline__ int64_t place(int row) const {
    GridPixel of = grid_pixel(s, first_row + row);
    int line = of.image * s.out_height + of.p * s.out_step + s.out_y;
    int64_t pixel = static_cast<int64_t>(line) * s.out_width + of.q * s.out_step + s.out_x;
    return pixel * s.out_channels + first_output;
  }

  __device__ __forceinline__ bool row(int row) {
    at = place(row);
    return first_row + row < s.pixels;
  }

  // Whether all of a block's sums are wanted, and eight results begin where they may be accessed at
  // once.
  __device__ __forceinline__ bool takes_fours(int rows, int columns) const {
    return first_row + rows <= s.pixels && first_column + columns <= s.group_outputs &&
        (s.out_channels | s.group_outputs) % 8 == 0 && aligned_16(y) && aligned_16(residual);
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

// Of four neighbouring lanes, all of a warp together, lane i receives the i-th word of each.
__device__ __forceinline__ void transpose_four(uint32_t (&words)[4]) {
  bool odd = (threadIdx.x & 1) != 0, upper = (threadIdx.x & 2) != 0;
#pragma unroll
  for (int i = 0; i < 4; i += 2) {
    uint32_t other = __shfl_xor_sync(0xffffffffu, odd ? words[i] : words[i + 1], 1);
    words[i] = odd ? other : words[i];
    words[i + 1] = odd ? words[i + 1] : other;
  }
#pragma unroll
  for (int i = 0; i < 2; ++i) {
    uint32_t other = __shfl_xor_sync(0xffffffffu, upper ? words[i] : words[i + 2], 2);
    words[i] = upper ? other : words[i];
    words[i + 2] = upper ? words[i + 2] : other;
  }
}

// A thread's pair of each of four eights of columns is, exchanged with its neighbours, one access.
__device__ __forceinline__ void load_fours(const Bf16* from, float2 (&v)[4]) {
  int lane = threadIdx.x & 3;
  uint4 eight = *reinterpret_cast<const uint4*>(from + lane * 8);
  uint32_t words[4] = {eight.x, eight.y, eight.z, eight.w};
  transpose_four(words);
#pragma unroll
  for (int i = 0; i < 4; ++i) v[i] = make_float2(low_bf16(words[i]), high_bf16(words[i]));
}

__device__ __forceinline__ void store_fours(Bf16* to, const float2 (&v)[4]) {
  int lane = threadIdx.x & 3;
  uint32_t words[4];
#pragma unroll
  for (int i = 0; i < 4; ++i) words[i] = pack_bf16(v[i].x, v[i].y);
  transpose_four(words);
  *reinterpret_cast<uint4*>(to + lane * 8) = make_uint4(words[0], words[1], words[2], words[3]);
}

__device__ __forceinline__ void load_fours(const float* from, float2 (&v)[4]) {
  int lane = threadIdx.x & 3;
#pragma unroll
  for (int i = 0; i < 4; ++i) v[i] = load_2(from + i * 8 + lane * 2);
}

__device__ __forceinline__ void store_fours(float* to, const float2 (&v)[4]) {
  int lane = threadIdx.x & 3;
#pragma unroll
  for (int i = 0; i < 4; ++i) store_2(to + i * 8 + lane * 2, v[i]);
}

// What a ConvolutionSink does, where it takes fours; `finishes`: it has a bias, a residual or a
// rectifier. A sum takes few instructions here, which are not hidden by products.
template <class Element, bool finishes>
struct FourSink {
  const ConvolutionSink& sink;
  int64_t at;

  __device__ __forceinline__ void row(int row) { at = sink.place(row) + sink.first_column; }

  __device__ __forceinline__ void four(int column, float2 (&v)[4]) const {
    int64_t place = at + column;
    if (finishes) finish(column, place, v);
    store_fours(static_cast<Element*>(sink.y) + place, v);
  }

  __device__ __forceinline__ void finish(int column, int64_t place, float2 (&v)[4]) const {
    if (sink.bias) {
      int output = sink.first_output + sink.first_column + column + (threadIdx.x & 3) * 2;
#pragma unroll
      for (int i = 0; i < 4; ++i) {
        v[i].x += __ldg(sink.bias + output + i * 8);
        v[i].y += __ldg(sink.bias + output + i * 8 + 1);
      }
    }
    if (sink.residual) {
      float2 added[4];
      load_fours(static_cast<const Element*>(sink.residual) + place, added);
#pragma unroll
      for (int i = 0; i < 4; ++i) v[i] = make_float2(v[i].x + added[i].x, v[i].y + added[i].y);
    }
    if (sink.relu) {
#pragma unroll
      for (int i = 0; i < 4; ++i) {
        v[i] = make_float2(v[i].x < 0.f ? 0.f : v[i].x, v[i].y < 0.f ? 0.f : v[i].y);
      }
    }
  }
};

template <class Element, class Sums>
__device__ __forceinline__ void give_fours(const Sums& sums, const ConvolutionSink& sink) {
  if (sink.bias || sink.residual || sink.relu) {
    FourSink<Element, true> finishing = {sink, 0};
    sums.give_fours(finishing);
  } else {
    FourSink<Element, false> storing = {sink, 0};
    sums.give_fours(storing);
  }
}

template <int rows, int columns, class Sums>
__device__ __forceinline__ void give_sums(const Sums& sums, ConvolutionSink& sink) {
  if constexpr (Sums::gives_fours) {
    if (sink.takes_fours(rows, columns)) {
      if (sink.bf16) {
        give_fours<Bf16>(sums, sink);
      } else {
        give_fours<float>(sums, sink);
      }
      return;
    }
  }
  sums.give(sink);
}

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

// A block's part of y, see conv2d.cu.
template <int precision, int rows, int columns, bool aligned>
__device__ __forceinline__ void conv2d(
    const ImageSizes& s, const float* x, const float* w, const float* bias, const void* residual,
    int relu, int paired, int bf16, void* y) {
  DYNAMIC_SHARED(float, shared);
  constexpr int THREADS = Tiling<precision, rows, columns>::threads;
  Corner* corners = reinterpret_cast<Corner*>(shared + STAGES * (rows + columns) * DEPTH);
  Part part = part_of_block<rows, columns>(s);
  typename Images<precision, rows, THREADS, aligned>::Loader left(
      s, x + part.group * s.group_channels.divisor, part.row, corners);
  auto right = weights_of<precision, rows, columns, aligned>(s, part, w);
  ConvolutionSink sink = {
      s, bias, residual, y, part.row, part.column, part.group * s.group_outputs, relu != 0,
      paired != 0, READS_BF16<precision> && bf16 != 0, 0};
  product<precision, rows, columns>(left, right, sink, shared, 0, (s.depth + DEPTH - 1) / DEPTH);
}
