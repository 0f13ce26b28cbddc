// y[o, i] = Σ_r x[o, r, i] (float64 sums) or max_r x[o, r, i] (a NaN wins), in an order fixed by
// the shape.
//   rows     x: [outer, reduced], y: [outer].  A warp owns a row; for short rows.
//   columns  x: [outer, reduced, inner], y: [outer, parts, inner].  A block owns a tile of `width`
//            columns of one slab and one part of its rows, in `256 / width` rows of threads: a
//            thread adds up every (256 / width)-th row of the part for one column, then the rows of
//            threads are folded in halves.  width: a power of two, 1 to 256.
//            Grid: x = outer * ceil(inner / width), y = parts.
//   parts    the same with float64 results, for combine.
//   combine  the same from float64 partial sums: the second pass over [outer, parts, inner].
// Shared memory: 256 accumulators in columns, none in rows.  256 threads a block.  Deterministic.
#include "grid.cuh"
#include "reduce.cuh"

static constexpr int THREADS = 256;

template <class Op, class Sum>
__device__ __forceinline__ void reduce_rows(
    int64_t outer, int64_t reduced, const float* x, float* y) {
  int lane = threadIdx.x % 32;
  // Whole warps leave together: the row is the same for all lanes.
  for (int64_t o = grid_thread() / 32; o < outer; o += grid_threads() / 32) {
    const float* row = x + o * reduced;
    Sum sum = Op::identity();
    for (int64_t r = lane; r < reduced; r += 32) sum = Op::of(sum, static_cast<Sum>(row[r]));
    sum = warp_reduce<Op>(sum);
    if (lane == 0) y[o] = static_cast<float>(sum);
  }
}

template <class Op, class Sum, class In, class Out>
__device__ __forceinline__ void reduce_columns(
    int64_t reduced, int64_t inner, int width, const In* x, Out* y) {
  __shared__ Sum shared[THREADS];
  int thread = threadIdx.x;
  int64_t tiles = (inner + width - 1) / width;
  int64_t o = blockIdx.x / tiles;
  int64_t i = blockIdx.x % tiles * width + thread % width;
  int height = THREADS / width;
  int64_t share = (reduced + gridDim.y - 1) / gridDim.y;
  int64_t from = blockIdx.y * share;
  int64_t to = from + share < reduced ? from + share : reduced;
  Sum sum = Op::identity();
  if (i < inner) {
    const In* column = x + o * reduced * inner + i;
#pragma unroll 4
    for (int64_t r = from + thread / width; r < to; r += height) {
      sum = Op::of(sum, static_cast<Sum>(column[r * inner]));
    }
  }
  for (int half = THREADS / 2; half >= width; half /= 2) {
    shared[thread] = sum;
    __syncthreads();
    if (thread < half) sum = Op::of(sum, shared[thread + half]);
    __syncthreads();
  }
  if (thread < width && i < inner) {
    y[(o * gridDim.y + blockIdx.y) * inner + i] = static_cast<Out>(sum);
  }
}

extern "C" __global__ void sum_rows_f32(int64_t outer, int64_t reduced, const float* x, float* y) {
  reduce_rows<Add, double>(outer, reduced, x, y);
}
SAGITTA_KERNEL(sum_rows_f32)

extern "C" __global__ void sum_columns_f32(
    int64_t reduced, int64_t inner, int width, const float* x, float* y) {
  reduce_columns<Add, double>(reduced, inner, width, x, y);
}
SAGITTA_KERNEL(sum_columns_f32)

extern "C" __global__ void sum_parts_f32(
    int64_t reduced, int64_t inner, int width, const float* x, double* y) {
  reduce_columns<Add, double>(reduced, inner, width, x, y);
}
SAGITTA_KERNEL(sum_parts_f32)

extern "C" __global__ void sum_combine_f32(
    int64_t reduced, int64_t inner, int width, const double* x, float* y) {
  reduce_columns<Add, double>(reduced, inner, width, x, y);
}
SAGITTA_KERNEL(sum_combine_f32)

extern "C" __global__ void max_rows_f32(int64_t outer, int64_t reduced, const float* x, float* y) {
  reduce_rows<Max, float>(outer, reduced, x, y);
}
SAGITTA_KERNEL(max_rows_f32)

extern "C" __global__ void max_columns_f32(
    int64_t reduced, int64_t inner, int width, const float* x, float* y) {
  reduce_columns<Max, float>(reduced, inner, width, x, y);
}
SAGITTA_KERNEL(max_columns_f32)
