// Loaders of an operand that lies in memory as a matrix, and the sink of a result that does.
#pragma once
#include "tile.cuh"

// Lines of `depth` terms, `stride` elements apart; terms are neighbours. 16-byte copies: the
// matrix, stride and depth are multiples of 16 bytes.
template <int lines, int threads>
struct LineLoader {
  typedef LineTile<lines> Tile;
  const float* matrix;
  int64_t stride;
  int first, count, depth;

  __device__ __forceinline__ void load(float* tile, int k) const {
    int chunk = (threadIdx.x & 7) * 4;
    const float* from = matrix + (first + threadIdx.x / 8) * stride + k + chunk;
    float* to = tile + Tile::at(threadIdx.x / 8, chunk);
#pragma unroll
    for (int i = 0; i < lines * 8 / threads; ++i) {
      int line = threadIdx.x / 8 + i * (threads / 8);
      bool valid = first + line < count && k + chunk < depth;
      cp_async_16(to + i * Tile::template apart<threads / 8>(), from, valid);
      from += stride * (threads / 8);
    }
  }
};

// Terms of `count` lines, `stride` elements apart; lines are neighbours. 16-byte copies: the
// matrix, stride and count are multiples of 16 bytes. Of words, all of these count words.
template <int lines, int threads, class Order = TermTile<lines>>
struct TermLoader {
  typedef Order Tile;
  const float* matrix;
  int64_t stride;
  int first, count, depth;

  __device__ __forceinline__ void load(float* tile, int k) const {
    constexpr int CHUNKS = lines / 4;
    int line = threadIdx.x % CHUNKS * 4;
#pragma unroll
    for (int i = 0; i < Tile::terms * CHUNKS / threads; ++i) {
      int term = threadIdx.x / CHUNKS + i * (threads / CHUNKS);
      bool valid = first + line < count && k + term < depth;
      const float* from = valid ? matrix + (k + term) * stride + first + line : matrix;
      cp_async_16(tile + Tile::at(line, term), from, valid);
    }
  }
};

// Any matrix: element (line, term) at line * line_stride + term * term_stride. 4-byte copies,
// neighbouring threads along the lesser stride.
template <int lines, int threads>
struct ScalarLoader {
  typedef LineTile<lines> Tile;
  const float* matrix;
  int64_t line_stride, term_stride;
  int first, count, depth;

  __device__ __forceinline__ void load(float* tile, int k) const {
    bool along_terms = term_stride == 1;
#pragma unroll 4
    for (int i = threadIdx.x; i < lines * DEPTH; i += threads) {
      int line = along_terms ? i / DEPTH : i % lines;
      int term = along_terms ? i % DEPTH : i / lines;
      bool valid = first + line < count && k + term < depth;
      int64_t offset = (first + line) * line_stride + (k + term) * term_stride;
      cp_async_4(tile + Tile::at(line, term), valid ? matrix + offset : matrix, valid);
    }
  }
};

// Stores sums to a row-major matrix of rows x columns; `paired`: columns is even and the matrix is
// aligned to 8 bytes.
struct MatrixSink {
  float* matrix;
  int first_row, first_column, rows, columns;
  bool paired;
  float* at;

  __device__ __forceinline__ bool row(int row) {
    at = matrix + static_cast<int64_t>(first_row + row) * columns;
    return first_row + row < rows;
  }

  __device__ __forceinline__ void one(int column, float value) const {
    if (first_column + column < columns) at[first_column + column] = value;
  }

  __device__ __forceinline__ void pair(int column, float first, float second) const {
    if (paired && first_column + column < columns) {
      *reinterpret_cast<float2*>(at + first_column + column) = make_float2(first, second);
    } else {
      one(column, first);
      one(column + 1, second);
    }
  }
};
