// A block's part of a product by one warpgroup (warpgroup.cuh), for product.cuh: BF16_GROUPS, of the
// operands of BF16_WORDS. Its products run in the background, while the block's threads start the
// copies of the tiles to come.
#pragma once
#include "product.cuh"
#include "warpgroup.cuh"

// Words in the order of a TermTile, as rows by terms; 64 terms.
template <int lines>
struct TermRowTile {
  static constexpr int terms = 64;
  static constexpr int words_a_row = TILE_ROW_BYTES / 4;
  // From 64 lines to the next.
  static constexpr int apart = terms * TILE_ROW_BYTES;
  static constexpr int floats = lines / 64 * apart / 4;

  // The word of two neighbouring lines.
  static __device__ __forceinline__ int at(int word, int k) {
    int row = word / words_a_row * terms + k, chunk = word % words_a_row >> 2;
    return row * words_a_row + ((chunk ^ (k & 7)) << 2) + (word & 3);
  }
};

// How tiles are operands of warpgroups: from a line, a multiple of 64, and a step of 16 terms on.
template <class Tile>
struct OperandsOf;

template <int lines>
struct OperandsOf<LineTile<lines>> {
  static constexpr bool by_terms = false;
  static constexpr int steps = LineTile<lines>::terms * 2 / 16;
  static constexpr int apart = 0;

  static __device__ __forceinline__ constexpr int offset(int line, int step) {
    return line * TILE_ROW_BYTES + step * 32;
  }
};

template <int lines>
struct OperandsOf<TermRowTile<lines>> {
  static constexpr bool by_terms = true;
  static constexpr int steps = TermRowTile<lines>::terms / 16;
  static constexpr int apart = TermRowTile<lines>::apart;

  static __device__ __forceinline__ constexpr int offset(int line, int step) {
    return line / 64 * apart + step * 16 * TILE_ROW_BYTES;
  }
};

template <int rows, int columns, class Left, class Right>
struct GroupSums {
  static constexpr bool in_background = true;
  static constexpr bool gives_fours = true;
  static constexpr int M = rows / 64;
  static constexpr int N = columns / 8;
  typedef OperandsOf<Left> LeftOperands;
  typedef OperandsOf<Right> RightOperands;
  static_assert(
      LeftOperands::by_terms == RightOperands::by_terms &&
          LeftOperands::steps == RightOperands::steps,
      "operands alike");
  float sums[M][N][4];

  __device__ __forceinline__ void begin() {
#pragma unroll
    for (int m = 0; m < M; ++m)
#pragma unroll
      for (int n = 0; n < N; ++n)
#pragma unroll
        for (int i = 0; i < 4; ++i) sums[m][n][i] = 0.f;
  }

  // Starts the products of a tile.
  __device__ __forceinline__ void add(const float* left, const float* right) {
    constexpr bool BY_TERMS = LeftOperands::by_terms;
    GroupOperand a = group_operand<BY_TERMS>(left, LeftOperands::apart);
    GroupOperand b = group_operand<BY_TERMS>(right, RightOperands::apart);
    begin_products();
#pragma unroll
    for (int step = 0; step < LeftOperands::steps; ++step)
#pragma unroll
      for (int m = 0; m < M; ++m) {
        multiply_m64k16_bf16<BY_TERMS>(
            sums[m], a.after(LeftOperands::offset(m * 64, step)),
            b.after(RightOperands::offset(0, step)));
      }
    commit_products();
  }

  // Of this thread, behind the next barrier to the products.
  __device__ __forceinline__ void show_copies() { fence_for_products(); }

  __device__ __forceinline__ void wait() { wait_for_products(); }

  // A warp's first row; its parts of 16 rows are one of each 64.
  static __device__ __forceinline__ int row() { return static_cast<int>(threadIdx.x >> 5) * 16; }

  template <class Sink>
  __device__ __forceinline__ void give(Sink& sink) const {
    give_fragments<64>(sums, row(), 0, sink);
  }

  template <class Sink>
  __device__ __forceinline__ void give_fours(Sink& sink) const {
    give_fragments_by_fours<64>(sums, row(), 0, sink);
  }
};

template <int rows, int columns, class Left, class Right>
struct SumsOf<BF16_GROUPS, rows, columns, Left, Right> {
  typedef GroupSums<rows, columns, Left, Right> Type;
};
