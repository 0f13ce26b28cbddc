// Tiles of an operand in shared memory, and what a warp reads of them. An operand of a product
// sum over k of left(row, k) * right(column, k) is a set of lines (rows or columns) of terms (k). A
// tile holds DEPTH terms of some lines, as fp32, in one of two orders:
//   LineTile: the terms of a line are neighbours, as in memory that is contiguous along k;
//   TermTile: the lines of a term are neighbours, as in memory that is contiguous along the lines.
// Both are laid out so that neither the 16-byte copies that fill them nor the reads below meet in a bank.
#pragma once
#include "device.cuh"

// Terms in a tile.
constexpr int DEPTH = 32;

// Division of numbers below 2^31 by a number known at launch: n / divisor = (n * multiplier >> 32) >> shift.
struct Divisor {
  int divisor;
  uint32_t multiplier;
  int shift;

  __device__ __forceinline__ int quotient(int n) const {
    return divisor == 1 ? n : static_cast<int>(__umulhi(static_cast<uint32_t>(n), multiplier) >> shift);
  }
};

// One mma takes 16 lines of the left and 8 of the right operand, by 8 terms of fp32 bits. left() reads
// one such fragment, right() two neighbouring ones. The plain product takes 8 lines of each operand
// a thread, by 4 terms: a warp's 4 x 8 threads cover 32 left and 64 right lines; left_line() and
// right_line() say which line a thread's i-th is.
template <int lines>
struct LineTile {
  static constexpr int floats = lines * DEPTH;

  // 16-byte chunks of a line trade places, so that eight neighbouring lines' chunks lie in all banks.
  static __device__ __forceinline__ int at(int line, int k) {
    return line * DEPTH + ((((k >> 2) ^ line) & 7) << 2) + (k & 3);
  }

  static __device__ __forceinline__ void left(uint32_t (&r)[4], const float* tile, int line, int k) {
    int lane = threadIdx.x & 31;
    ldmatrix_x4(r, tile + at(line + (lane & 15), k + (lane >> 4) * 4));
  }

  static __device__ __forceinline__ void right(uint32_t (&r)[4], const float* tile, int line, int k) {
    int lane = threadIdx.x & 31;
    ldmatrix_x4(r, tile + at(line + (lane & 7) + (lane >> 4) * 8, k + ((lane >> 3) & 1) * 4));
  }

  static __device__ __forceinline__ int left_line(int i) { return ((threadIdx.x & 31) >> 3) + 4 * i; }

  static __device__ __forceinline__ int right_line(int i) { return (threadIdx.x & 7) + 8 * i; }

  static __device__ __forceinline__ void left(float (&v)[4][8], const float* tile, int line, int k) {
#pragma unroll
    for (int i = 0; i < 8; ++i) four(v, i, tile + at(line + left_line(i), k));
  }

  static __device__ __forceinline__ void right(float (&v)[4][8], const float* tile, int line, int k) {
#pragma unroll
    for (int i = 0; i < 8; ++i) four(v, i, tile + at(line + right_line(i), k));
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
  // A term's lines are followed by a gap, so that four neighbouring terms' lines lie in other banks.
  static constexpr int width = lines + 8;
  static constexpr int floats = DEPTH * width;

  static __device__ __forceinline__ int at(int line, int k) { return k * width + line; }

  static __device__ __forceinline__ uint32_t bits(const float* tile, int line, int k) {
    return __float_as_uint(tile[at(line, k)]);
  }

  static __device__ __forceinline__ void left(uint32_t (&r)[4], const float* tile, int line, int k) {
    int row = line + ((threadIdx.x & 31) >> 2), term = k + (threadIdx.x & 3);
    r[0] = bits(tile, row, term);
    r[1] = bits(tile, row + 8, term);
    r[2] = bits(tile, row, term + 4);
    r[3] = bits(tile, row + 8, term + 4);
  }

  static __device__ __forceinline__ void right(uint32_t (&r)[4], const float* tile, int line, int k) {
    int column = line + ((threadIdx.x & 31) >> 2), term = k + (threadIdx.x & 3);
    r[0] = bits(tile, column, term);
    r[1] = bits(tile, column, term + 4);
    r[2] = bits(tile, column + 8, term);
    r[3] = bits(tile, column + 8, term + 4);
  }

  static __device__ __forceinline__ int left_line(int i) {
    return (i >> 2) * 16 + ((threadIdx.x & 31) >> 3) * 4 + (i & 3);
  }

  static __device__ __forceinline__ int right_line(int i) {
    return (i >> 2) * 32 + (threadIdx.x & 7) * 4 + (i & 3);
  }

  static __device__ __forceinline__ void left(float (&v)[4][8], const float* tile, int line, int k) {
#pragma unroll
    for (int term = 0; term < 4; ++term) {
      four(v[term], 0, tile + at(line + left_line(0), k + term));
      four(v[term], 4, tile + at(line + left_line(4), k + term));
    }
  }

  static __device__ __forceinline__ void right(float (&v)[4][8], const float* tile, int line, int k) {
#pragma unroll
    for (int term = 0; term < 4; ++term) {
      four(v[term], 0, tile + at(line + right_line(0), k + term));
      four(v[term], 4, tile + at(line + right_line(4), k + term));
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
