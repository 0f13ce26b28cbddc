// A stable radix sort of int keys >= 0 with the place that each came from: per digit of `bits` <= 8
// bits, from the lowest, a pass of three kernels. A block of 256 threads owns a tile of 2,048.
//   count  counts[d, tile] = entries of the tile with digit d.  Grid: tiles.
//   scan   counts[d, :] becomes the sums before each tile, totals[d] the whole.  Grid: 2^bits.
//   move   puts each entry at (entries of lower digits) + (those of its digit in tiles before) +
//          (those of its digit before it in the tile).  Grid: tiles.
// keys, origins: [n]; counts: [2^bits, tiles]; totals: [2^bits].  Null origins in the first pass
// mean 0, 1, 2, …  Deterministic: atomics only count.
#include "grid.cuh"

static constexpr int THREADS = 256;
static constexpr int WARPS = THREADS / 32;
static constexpr int TILE = 2048;
static constexpr int DIGITS = 256;

__device__ __forceinline__ int digit_of(int key, int shift, int bits) {
  return (key >> shift) & ((1 << bits) - 1);
}

// The sum of the values of the threads before this one. shared: one int a warp.
__device__ __forceinline__ int sum_before(int value, int* shared) {
  int lane = threadIdx.x % 32, warp = threadIdx.x / 32;
  int upto = value;
#pragma unroll
  for (int step = 1; step < 32; step <<= 1) {
    int other = __shfl_up_sync(0xffffffffu, upto, step);
    if (lane >= step) upto += other;
  }
  if (lane == 31) shared[warp] = upto;
  __syncthreads();
  int before = upto - value;
  for (int w = 0; w < warp; w++) before += shared[w];
  __syncthreads();
  return before;
}

// Shared: 1,024 bytes.
extern "C" __global__ void index_sort_count(
    int64_t n, int shift, int bits, const int* keys, int* counts) {
  __shared__ int histogram[DIGITS];
  histogram[threadIdx.x] = 0;
  __syncthreads();
  int64_t from = static_cast<int64_t>(blockIdx.x) * TILE;
  for (int64_t i = from + threadIdx.x; i < n && i < from + TILE; i += THREADS) {
    atomicAdd(&histogram[digit_of(keys[i], shift, bits)], 1);
  }
  __syncthreads();
  if (threadIdx.x < 1u << bits) {
    counts[threadIdx.x * static_cast<int64_t>(gridDim.x) + blockIdx.x] = histogram[threadIdx.x];
  }
}
SAGITTA_KERNEL(index_sort_count)

// Shared: 36 bytes.
extern "C" __global__ void index_sort_scan(int tiles, int* counts, int* totals) {
  __shared__ int shared[WARPS];
  __shared__ int whole;
  int* row = counts + static_cast<int64_t>(blockIdx.x) * tiles;
  int done = 0;
  for (int from = 0; from < tiles; from += THREADS) {
    int tile = from + threadIdx.x;
    int count = tile < tiles ? row[tile] : 0;
    int before = done + sum_before(count, shared);
    if (tile < tiles) row[tile] = before;
    if (threadIdx.x == THREADS - 1) whole = before + count;
    __syncthreads();
    done = whole;
    __syncthreads();
  }
  if (threadIdx.x == 0) totals[blockIdx.x] = done;
}
SAGITTA_KERNEL(index_sort_scan)

// In rounds of 256 entries, in order: a lane's rank among its warp's equal digits comes from
// ballots, the warps before it from their counts, the rounds before from `next`.
// Shared: 9,248 bytes.
extern "C" __global__ void index_sort_move(
    int64_t n, int shift, int bits, const int* counts, const int* totals, const int* keys,
    const int* origins, int* sorted_keys, int* sorted_origins) {
  __shared__ int next[DIGITS];
  __shared__ int in_warp[WARPS][DIGITS];
  __shared__ int shared[WARPS];
  int lane = threadIdx.x % 32, warp = threadIdx.x / 32;
  bool used = threadIdx.x < 1u << bits;
  int lower = sum_before(used ? totals[threadIdx.x] : 0, shared);
  if (used) {
    next[threadIdx.x] = lower + counts[threadIdx.x * static_cast<int64_t>(gridDim.x) + blockIdx.x];
  }
  int64_t tile = static_cast<int64_t>(blockIdx.x) * TILE;
  for (int64_t from = tile; from < n && from < tile + TILE; from += THREADS) {
    for (int w = 0; w < WARPS; w++) in_warp[w][threadIdx.x] = 0;
    __syncthreads();
    int64_t i = from + threadIdx.x;
    bool valid = i < n;
    int key = valid ? keys[i] : 0;
    int digit = digit_of(key, shift, bits);
    unsigned equal = __ballot_sync(0xffffffffu, valid);
    for (int bit = 0; bit < bits; bit++) {
      bool one = (digit >> bit & 1) != 0;
      unsigned ones = __ballot_sync(0xffffffffu, one);
      equal &= one ? ones : ~ones;
    }
    int rank = __popc(equal & ((1u << lane) - 1));
    if (valid && rank == 0) in_warp[warp][digit] = __popc(equal);
    __syncthreads();
    if (valid) {
      int to = next[digit] + rank;
      for (int w = 0; w < warp; w++) to += in_warp[w][digit];
      sorted_keys[to] = key;
      sorted_origins[to] = origins == nullptr ? static_cast<int>(i) : origins[i];
    }
    __syncthreads();
    if (used) {
      for (int w = 0; w < WARPS; w++) next[threadIdx.x] += in_warp[w][threadIdx.x];
    }
  }
}
SAGITTA_KERNEL(index_sort_move)
