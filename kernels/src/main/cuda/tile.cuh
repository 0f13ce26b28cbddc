// Tiles of an operand in shared memory, and what a warp reads of them. An operand of a product
// sum over k of left(row, k) * right(column, k) is a set of lines (rows or columns) of terms (k).
// A tile holds DEPTH terms of some lines, as fp32, in one of two orders:
//   LineTile: the terms of a line are neighbours, as in memory that is contiguous along k;
//   TermTile: the lines of a term are neighbours, as in memory that is contiguous along the lines.
// All are laid out so that neither the 16-byte copies that fill them nor the reads below meet in
// a bank. Operands that are bf16 in memory come as words of two neighbours: a LineTile then holds
// DEPTH words of a line, twice as many terms, and a PairTile takes a TermTile's place. What `terms` of
// a tile counts is what its loaders count: words where they are along the terms.
#pragma once
#include "device.cuh"

// Terms in a tile.
constexpr int DEPTH = 32;

// Division of numbers below 2^31 by a number known at launch: n / divisor = (n * multiplier >> 32)
// >> shift.
struct Divisor {
  int divisor;
  uint32_t multiplier;
  int shift;

  __device__ __forceinline__ int quotient(int n) const {
    uint32_t product = __umulhi(static_cast<uint32_t>(n), multiplier);
    return divisor == 1 ? n : static_cast<int>(product >> shift);
  }
};

// Of a tile, tensor cores read fragments of 8 terms: left() one of 16 lines, right() two
// neighbouring ones of 8 lines. The plain product reads 4 terms of 8 lines a thread: the 4 x 8
// threads of a warp cover 32 left and 64 right lines; left_line(i) and right_line(i) are a thread's
// i-th. Where a thread reads is a sum: an offset that depends on the warp's first line and the
// thread, left_offset() or right_offset(), added to the tile once, and what line and k add to it,
// which are constants where loops are unrolled; lines are multiples of 8, terms of 4.
template <int lines>
struct LineTile {
  static constexpr int terms = DEPTH;
  static constexpr int floats = lines * DEPTH;
  // Of words: those of 16 terms.
  static constexpr int word_step = 8;

  // 16-byte chunks of a line trade places, so that the same chunk of eight neighbouring lines lies
  // in all banks. For multiples of 8 and 4: at(line + l, k) = at(line, 0) + l * DEPTH + (k ^ l % 8
  // * 4).
  static __device__ __forceinline__ int at(int line, int k) {
    return line * DEPTH + ((((k >> 2) ^ line) & 7) << 2) + (k & 3);
  }

  // How far the same term of a line so many further lies.
  template <int further>
  static __device__ __forceinline__ constexpr int apart() {
    static_assert(further % 8 == 0, "chunks have traded places alike");
    return further * DEPTH;
  }

  static __device__ __forceinline__ int left_offset(int line) {
    return (line + (threadIdx.x & 15)) * DEPTH;
  }

  static __device__ __forceinline__ int right_offset(int line) {
    int lane = threadIdx.x & 31;
    return (line + (lane & 7) + (lane >> 4) * 8) * DEPTH;
  }

  static __device__ __forceinline__ void left(
      uint32_t (&r)[4], const float* from, int line, int k) {
    int lane = threadIdx.x & 31;
    ldmatrix_x4(r, from + (k ^ (((lane >> 4) ^ (lane & 7)) * 4)) + line * DEPTH);
  }

  static __device__ __forceinline__ void right(
      uint32_t (&r)[4], const float* from, int line, int k) {
    int lane = threadIdx.x & 31;
    ldmatrix_x4(r, from + (k ^ ((((lane >> 3) & 1) ^ (lane & 7)) * 4)) + line * DEPTH);
  }

  static __device__ __forceinline__ int left_line(int i) {
    return ((threadIdx.x & 31) >> 3) + 4 * i;
  }

  static __device__ __forceinline__ int right_line(int i) { return (threadIdx.x & 7) + 8 * i; }

  static __device__ __forceinline__ int left_plain_offset(int line) {
    return (line + left_line(0)) * DEPTH;
  }

  static __device__ __forceinline__ int right_plain_offset(int line) {
    return (line + right_line(0)) * DEPTH;
  }

  static __device__ __forceinline__ void left(float (&v)[4][8], const float* from, int k) {
    int chunk = k ^ (left_line(0) * 4);
#pragma unroll
    for (int i = 0; i < 8; ++i) four(v, i, from + (chunk ^ (i % 2 * 16)) + 4 * i * DEPTH);
  }

  static __device__ __forceinline__ void right(float (&v)[4][8], const float* from, int k) {
    int chunk = k ^ (right_line(0) * 4);
#pragma unroll
    for (int i = 0; i < 8; ++i) four(v, i, from + chunk + 8 * i * DEPTH);
  }

  static __device__ __forceinline__ void four(float (&v)[4][8], int i, const float* from) {
    float4 terms = *reinterpret_cast<const float4*>(from);
    v[0][i] = terms.x;
    v[1][i] = terms.y;
    v[2][i] = terms.z;
    v[3][i] = terms.w;
  }
};

template <int lines>
struct TermTile {
  static constexpr int terms = DEPTH;
  // A term's lines are followed by a gap, so that four neighbouring terms' lines lie in other
  // banks.
  static constexpr int width = lines + 8;
  static constexpr int floats = DEPTH * width;

  static __device__ __forceinline__ int at(int line, int k) { return k * width + line; }

  static __device__ __forceinline__ int left_offset(int line) {
    return at(line + ((threadIdx.x & 31) >> 2), threadIdx.x & 3);
  }

  static __device__ __forceinline__ int right_offset(int line) { return left_offset(line); }

  static __device__ __forceinline__ void left(
      uint32_t (&r)[4], const float* from, int line, int k) {
    r[0] = __float_as_uint(from[at(line, k)]);
    r[1] = __float_as_uint(from[at(line + 8, k)]);
    r[2] = __float_as_uint(from[at(line, k + 4)]);
    r[3] = __float_as_uint(from[at(line + 8, k + 4)]);
  }

  static __device__ __forceinline__ void right(
      uint32_t (&r)[4], const float* from, int line, int k) {
    r[0] = __float_as_uint(from[at(line, k)]);
    r[1] = __float_as_uint(from[at(line, k + 4)]);
    r[2] = __float_as_uint(from[at(line + 8, k)]);
    r[3] = __float_as_uint(from[at(line + 8, k + 4)]);
  }

  static __device__ __forceinline__ int left_line(int i) {
    return (i >> 2) * 16 + ((threadIdx.x & 31) >> 3) * 4 + (i & 3);
  }

  static __device__ __forceinline__ int right_line(int i) {
    return (i >> 2) * 32 + (threadIdx.x & 7) * 4 + (i & 3);
  }

  static __device__ __forceinline__ int left_plain_offset(int line) { return line + left_line(0); }

  static __device__ __forceinline__ int right_plain_offset(int line) {
    return line + right_line(0);
  }

  static __device__ __forceinline__ void left(float (&v)[4][8], const float* from, int k) {
#pragma unroll
    for (int term = 0; term < 4; ++term) {
      four(v[term], 0, from + at(0, k + term));
      four(v[term], 4, from + at(16, k + term));
    }
  }

  static __device__ __forceinline__ void right(float (&v)[4][8], const float* from, int k) {
#pragma unroll
    for (int term = 0; term < 4; ++term) {
      four(v[term], 0, from + at(0, k + term));
      four(v[term], 4, from + at(32, k + term));
    }
  }

  static __device__ __forceinline__ void four(float (&v)[8], int i, const float* from) {
    float4 values = *reinterpret_cast<const float4*>(from);
    v[i] = values.x;
    v[i + 1] = values.y;
    v[i + 2] = values.z;
    v[i + 3] = values.w;
  }
};

// bf16 in the order of a TermTile, a word for two neighbouring lines; DEPTH terms. Tensor cores read
// fragments of 16 terms.
template <int lines>
struct PairTile {
  static constexpr int terms = DEPTH;
  // The gap puts the same word of eight neighbouring terms into all banks.
  static constexpr int width = lines / 2 + 4;
  static constexpr int floats = DEPTH * width;
  static constexpr int word_step = 16;

  static __device__ __forceinline__ int at(int word, int k) { return k * width + word; }

  static __device__ __forceinline__ int left_offset(int line) {
    int lane = threadIdx.x & 31;
    return at(line / 2 + (lane >> 3 & 1) * 4, (lane & 7) + (lane >> 4) * 8);
  }

  static __device__ __forceinline__ int right_offset(int line) {
    int lane = threadIdx.x & 31;
    return at(line / 2 + (lane >> 4) * 4, lane & 15);
  }

  static __device__ __forceinline__ void left(
      uint32_t (&r)[4], const float* from, int line, int k) {
    ldmatrix_x4_trans(r, from + at(line / 2, k));
  }

  static __device__ __forceinline__ void right(
      uint32_t (&r)[4], const float* from, int line, int k) {
    ldmatrix_x4_trans(r, from + at(line / 2, k));
  }
};
