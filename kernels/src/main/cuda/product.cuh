// A block's part of a product: rows x columns sums over k of left(row, k) * right(column, k), in
// several precisions. Loaders bring tiles of both operands to shared memory, two tiles ahead of the
// sums; a sink takes the sums. Sums are in fp32 and in a fixed order.
//   FP32: fused multiply-adds, 8x8 sums a thread, a warp 32x64.
//   TF32, BF16: tensor cores, a warp rows/2 x columns/2; operands are rounded on their way to
//     registers.
//   BF16_WORDS: the same of operands that are bf16 in memory, two to a word; all that counts elements
//     of an operand counts words.
//   BF16_GROUPS: the same by warpgroups, see warpgroup_sums.cuh.
//   TF32X3: x = high + low, both TF32; sums high*high + high*low + low*high. Tensor cores truncate
//     when they add, so each tile's sums start at zero and are added to the rest by ordinary
//     additions.
#pragma once
#include "tile.cuh"

constexpr int FP32 = 0;
constexpr int TF32X3 = 1;
constexpr int TF32 = 2;
constexpr int BF16 = 3;
constexpr int BF16_WORDS = 4;
constexpr int BF16_GROUPS = 5;

// Whether the operands are bf16 in memory.
template <int precision>
constexpr bool READS_WORDS = precision == BF16_WORDS || precision == BF16_GROUPS;

// Tiles in shared memory at once.
constexpr int STAGES = 3;

// How the warps of a block share its tile of results. 3xTF32 keeps twice the sums and the
// fragments, so its warps take fewer columns.
template <int precision, int rows, int columns>
struct Tiling {
  static constexpr int warp_rows = precision == FP32 ? 32 : rows / 2;
  static constexpr int warp_columns =
      precision == FP32 ? 64 : precision == TF32X3 ? 32 : columns / 2;
  static constexpr int warps_across = columns / warp_columns;
  static constexpr int threads = rows / warp_rows * warps_across * 32;
};

// Gives a sink a warp's sums as tensor cores hold them: parts of 16x8, the rows of one `apart` from the
// next one's; lane l holds, of each part, rows l/4 and l/4 + 8, columns 2(l%4) and next.
template <int apart, int M, int N, class Sink>
__device__ __forceinline__ void give_fragments(
    const float (&sums)[M][N][4], int row, int column, Sink& sink) {
  int lane = threadIdx.x & 31;
#pragma unroll
  for (int m = 0; m < M; ++m)
#pragma unroll
    for (int half = 0; half < 2; ++half) {
      if (!sink.row(row + m * apart + half * 8 + (lane >> 2))) continue;
#pragma unroll
      for (int n = 0; n < N; ++n) {
        const float(&sum)[4] = sums[m][n];
        sink.pair(column + n * 8 + (lane & 3) * 2, sum[half * 2], sum[half * 2 + 1]);
      }
    }
}

// The same to a sink that takes a row's pairs of 32 columns at once, all lanes of a warp together.
template <int apart, int M, int N, class Sink>
__device__ __forceinline__ void give_fragments_by_fours(
    const float (&sums)[M][N][4], int row, int column, Sink& sink) {
  int lane = threadIdx.x & 31;
#pragma unroll
  for (int m = 0; m < M; ++m)
#pragma unroll
    for (int half = 0; half < 2; ++half) {
      sink.row(row + m * apart + half * 8 + (lane >> 2));
#pragma unroll
      for (int n = 0; n < N; n += 4) {
        float2 four[4];
#pragma unroll
        for (int i = 0; i < 4; ++i) {
          four[i] = make_float2(sums[m][n + i][half * 2], sums[m][n + i][half * 2 + 1]);
        }
        sink.four(column + n * 8, four);
      }
    }
}

// A warp's sums by tensor cores.
template <int precision, int rows, int columns, class Left, class Right>
struct TensorSums {
  typedef Tiling<precision, rows, columns> Shape;
  static constexpr bool in_background = false;
  static constexpr bool gives_fours = true;
  static constexpr int M = Shape::warp_rows / 16;
  static constexpr int N = Shape::warp_columns / 8;
  float sums[M][N][4];
  int row, column, left_offset, right_offset;

  __device__ __forceinline__ void begin() {
    int warp = threadIdx.x >> 5;
    row = warp / Shape::warps_across * (M * 16);
    column = warp % Shape::warps_across * (N * 8);
    left_offset = Left::left_offset(row);
    right_offset = Right::right_offset(column);
    clear(sums);
  }

  static __device__ __forceinline__ void clear(float (&values)[M][N][4]) {
#pragma unroll
    for (int m = 0; m < M; ++m)
#pragma unroll
      for (int n = 0; n < N; ++n)
#pragma unroll
        for (int i = 0; i < 4; ++i) values[m][n][i] = 0.f;
  }

  __device__ __forceinline__ void add(const float* left, const float* right) {
    left += left_offset;
    right += right_offset;
    if constexpr (precision == TF32) {
      add_tf32(left, right);
    } else if constexpr (precision == BF16) {
      add_bf16(left, right);
    } else if constexpr (precision == BF16_WORDS) {
      add_words(left, right);
    } else {
      add_tf32x3(left, right);
    }
  }

  __device__ __forceinline__ void add_tf32(const float* left, const float* right) {
#pragma unroll
    for (int k = 0; k < DEPTH; k += 8) {
      uint32_t a[M][4];
#pragma unroll
      for (int m = 0; m < M; ++m) {
        Left::left(a[m], left, m * 16, k);
        round(a[m]);
      }
#pragma unroll
      for (int n = 0; n < N; n += 2) {
        uint32_t b[4];
        Right::right(b, right, n * 8, k);
        round(b);
        multiply(sums, n, a, b);
      }
    }
  }

  static __device__ __forceinline__ void round(uint32_t (&r)[4]) {
#pragma unroll
    for (int i = 0; i < 4; ++i) r[i] = round_tf32(__uint_as_float(r[i]));
  }

  // to[.][n], to[.][n + 1] += a * b
  static __device__ __forceinline__ void multiply(
      float (&to)[M][N][4], int n, const uint32_t (&a)[M][4], const uint32_t (&b)[4]) {
    uint32_t first[2] = {b[0], b[1]}, second[2] = {b[2], b[3]};
#pragma unroll
    for (int m = 0; m < M; ++m) {
      mma_m16n8k8_tf32(to[m][n], a[m], first);
      mma_m16n8k8_tf32(to[m][n + 1], a[m], second);
    }
  }

  // The fragments of two steps of 8 terms, packed, are one of 16: both operands order the terms
  // alike.
  __device__ __forceinline__ void add_bf16(const float* left, const float* right) {
#pragma unroll
    for (int k = 0; k < DEPTH; k += 16) {
      uint32_t a[M][4];
#pragma unroll
      for (int m = 0; m < M; ++m) {
        uint32_t low[4], high[4];
        Left::left(low, left, m * 16, k);
        Left::left(high, left, m * 16, k + 8);
        a[m][0] = pack(low[0], low[2]);
        a[m][1] = pack(low[1], low[3]);
        a[m][2] = pack(high[0], high[2]);
        a[m][3] = pack(high[1], high[3]);
      }
#pragma unroll
      for (int n = 0; n < N; n += 2) {
        uint32_t low[4], high[4];
        Right::right(low, right, n * 8, k);
        Right::right(high, right, n * 8, k + 8);
        uint32_t first[2] = {pack(low[0], low[1]), pack(high[0], high[1])};
        uint32_t second[2] = {pack(low[2], low[3]), pack(high[2], high[3])};
        multiply_bf16(n, a, first, second);
      }
    }
  }

  // sums[.][n] += a * first, sums[.][n + 1] += a * second
  __device__ __forceinline__ void multiply_bf16(
      int n, const uint32_t (&a)[M][4], const uint32_t (&first)[2], const uint32_t (&second)[2]) {
#pragma unroll
    for (int m = 0; m < M; ++m) {
      mma_m16n8k16_bf16(sums[m][n], a[m], first);
      mma_m16n8k16_bf16(sums[m][n + 1], a[m], second);
    }
  }

  // What is in memory is what fragments are made of.
  __device__ __forceinline__ void add_words(const float* left, const float* right) {
#pragma unroll
    for (int k = 0; k < DEPTH; k += Left::word_step) {
      uint32_t a[M][4];
#pragma unroll
      for (int m = 0; m < M; ++m) Left::left(a[m], left, m * 16, k);
#pragma unroll
      for (int n = 0; n < N; n += 2) {
        uint32_t b[4];
        Right::right(b, right, n * 8, k);
        uint32_t first[2] = {b[0], b[1]}, second[2] = {b[2], b[3]};
        multiply_bf16(n, a, first, second);
      }
    }
  }

  static __device__ __forceinline__ uint32_t pack(uint32_t low, uint32_t high) {
    return pack_bf16(__uint_as_float(low), __uint_as_float(high));
  }

  __device__ __forceinline__ void add_tf32x3(const float* left, const float* right) {
    float partial[M][N][4];
    clear(partial);
#pragma unroll
    for (int k = 0; k < DEPTH; k += 8) {
      uint32_t a[M][4], a_low[M][4];
#pragma unroll
      for (int m = 0; m < M; ++m) {
        Left::left(a[m], left, m * 16, k);
        split(a[m], a_low[m]);
      }
#pragma unroll
      for (int n = 0; n < N; n += 2) {
        uint32_t b[4], b_low[4];
        Right::right(b, right, n * 8, k);
        split(b, b_low);
        multiply(partial, n, a_low, b);
        multiply(partial, n, a, b_low);
        multiply(partial, n, a, b);
      }
    }
#pragma unroll
    for (int m = 0; m < M; ++m)
#pragma unroll
      for (int n = 0; n < N; ++n)
#pragma unroll
        for (int i = 0; i < 4; ++i) sums[m][n][i] += partial[m][n][i];
  }

  static __device__ __forceinline__ void split(uint32_t (&r)[4], uint32_t (&low)[4]) {
#pragma unroll
    for (int i = 0; i < 4; ++i) {
      float x = __uint_as_float(r[i]);
      r[i] = round_tf32(x);
      low[i] = round_tf32(x - __uint_as_float(r[i]));
    }
  }

  template <class Sink>
  __device__ __forceinline__ void give(Sink& sink) const {
    give_fragments<16>(sums, row, column, sink);
  }

  template <class Sink>
  __device__ __forceinline__ void give_fours(Sink& sink) const {
    give_fragments_by_fours<16>(sums, row, column, sink);
  }
};

// A warp's sums by fused multiply-adds, 8x8 a thread.
template <int columns, class Left, class Right>
struct PlainSums {
  static constexpr bool in_background = false;
  static constexpr bool gives_fours = false;
  float sums[8][8];
  int row, column, left_offset, right_offset;

  __device__ __forceinline__ void begin() {
    int warp = threadIdx.x >> 5;
    row = warp / (columns / 64) * 32;
    column = warp % (columns / 64) * 64;
    left_offset = Left::left_plain_offset(row);
    right_offset = Right::right_plain_offset(column);
#pragma unroll
    for (int i = 0; i < 8; ++i)
#pragma unroll
      for (int j = 0; j < 8; ++j) sums[i][j] = 0.f;
  }

  __device__ __forceinline__ void add(const float* left, const float* right) {
#pragma unroll 2
    for (int k = 0; k < DEPTH; k += 4) {
      float a[4][8], b[4][8];
      Left::left(a, left + left_offset, k);
      Right::right(b, right + right_offset, k);
#pragma unroll
      for (int term = 0; term < 4; ++term)
#pragma unroll
        for (int i = 0; i < 8; ++i)
#pragma unroll
          for (int j = 0; j < 8; ++j) sums[i][j] = __fmaf_rn(a[term][i], b[term][j], sums[i][j]);
    }
  }

  template <class Sink>
  __device__ __forceinline__ void give(Sink& sink) const {
#pragma unroll
    for (int i = 0; i < 8; ++i) {
      if (!sink.row(row + Left::left_line(i))) continue;
#pragma unroll
      for (int j = 0; j < 8; ++j) sink.one(column + Right::right_line(j), sums[i][j]);
    }
  }
};

template <int precision, int rows, int columns, class Left, class Right>
struct SumsOf {
  typedef TensorSums<precision, rows, columns, Left, Right> Type;
};

template <int rows, int columns, class Left, class Right>
struct SumsOf<FP32, rows, columns, Left, Right> {
  typedef PlainSums<columns, Left, Right> Type;
};

// What a loader does to the copies of the terms from k on when they have arrived, each thread to its
// own: nothing, unless there is an overload for the loader.
template <class Loader>
__device__ __forceinline__ void arrived(const Loader&, float*, int) {}

// What a sink does before it is given the sums, all threads together: nothing, unless it has an
// overload. Until then threads may still read `shared`.
template <class Sink>
__device__ __forceinline__ void before_sums(Sink&) {}

// Gives a sink the sums of a block of rows x columns; there are overloads for sinks that take many of a
// row's at once.
template <int rows, int columns, class Sums, class Sink>
__device__ __forceinline__ void give_sums(const Sums& sums, Sink& sink) {
  sums.give(sink);
}

// Sums the terms of tiles `from` to `to` - 1. A loader's Tile is the order of its tiles, and
// load(tile, k) starts copies of the terms from k on. `shared` has room for STAGES tiles of each
// operand.
template <int precision, int rows, int columns, class LeftLoader, class RightLoader, class Sink>
__device__ __forceinline__ void product(
    const LeftLoader& left, const RightLoader& right, Sink& sink, float* shared, int from, int to) {
  typedef typename LeftLoader::Tile Left;
  typedef typename RightLoader::Tile Right;
  typedef typename SumsOf<precision, rows, columns, Left, Right>::Type Sums;
  static_assert(Left::terms == Right::terms, "tiles alike");
  constexpr int STAGE = Left::floats + Right::floats;
  Sums sums;
  sums.begin();
  auto load = [&](int stage, int tile) {
    if (tile < to) {
      left.load(shared + stage * STAGE, tile * Left::terms);
      right.load(shared + stage * STAGE + Left::floats, tile * Left::terms);
    }
    cp_async_commit();
  };
#pragma unroll
  for (int s = 0; s < STAGES - 1; ++s) load(s, from + s);
  int read = 0, write = STAGES - 1;
  for (int tile = from; tile < to; ++tile) {
    cp_async_wait<STAGES - 2>();
    arrived(left, shared + read * STAGE, tile * Left::terms);
    if constexpr (Sums::in_background) {
      sums.show_copies();
      __syncthreads();
      sums.add(shared + read * STAGE, shared + read * STAGE + Left::floats);
      load(write, tile + STAGES - 1);
      sums.wait();
    } else {
      __syncthreads();
      load(write, tile + STAGES - 1);
      sums.add(shared + read * STAGE, shared + read * STAGE + Left::floats);
    }
    read = read + 1 == STAGES ? 0 : read + 1;
    write = write + 1 == STAGES ? 0 : write + 1;
  }
  before_sums(sink);
  give_sums<rows, columns>(sums, sink);
}
