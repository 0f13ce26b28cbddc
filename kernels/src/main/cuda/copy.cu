// target[Σ i_k targetStride_k] = source[Σ i_k sourceStride_k] for every index i of a box of up to
// 8 axes, in words of 32 bits, whatever they mean. The pointers stand at the first element; the axes
// are merged and in the order of falling target strides, as CudaCopy does. Strides are in elements.
// Deterministic.
#include "grid.cuh"

struct Box {
  int64_t shape[8], source[8], target[8];
};

struct Place {
  int64_t source, target;
};

// Where the i-th index over the first `axes` axes stands. Index holds every i.
template <class Index>
__device__ __forceinline__ Place place_by(Index left, int axes, const Box& g) {
  Place at = {0, 0};
#pragma unroll
  for (int k = 7; k >= 0; k--) {
    if (k < axes) {
      Index length = static_cast<Index>(g.shape[k]);
      Index quotient = left / length;
      int64_t index = left - quotient * length;
      at.source += index * g.source[k];
      at.target += index * g.target[k];
      left = quotient;
    }
  }
  return at;
}

// 64-bit divisions are slow: done only where an index needs them.
__device__ __forceinline__ Place place(int64_t i, int axes, const Box& g) {
  if (i <= 0xffffffffll) return place_by<uint32_t>(static_cast<uint32_t>(i), axes, g);
  return place_by<uint64_t>(static_cast<uint64_t>(i), axes, g);
}

// Any box of n elements: one thread an element, grid-stride.
extern "C" __global__ void copy_box_b32(
    int64_t n, int axes, Box g, const uint32_t* source, uint32_t* target) {
  for (int64_t i = grid_thread(); i < n; i += grid_threads()) {
    Place at = place(i, axes, g);
    target[at.target] = source[at.source];
  }
}
SAGITTA_KERNEL(copy_box_b32)

// The same in vectors of 16 bytes: n, the last axis and all strides but those of the last, which
// are 1, count vectors; both pointers are 16-byte aligned.
extern "C" __global__ void copy_box_b128(
    int64_t n, int axes, Box g, const uint4* source, uint4* target) {
  for (int64_t i = grid_thread(); i < n; i += grid_threads()) {
    Place at = place(i, axes, g);
    target[at.target] = source[at.source];
  }
}
SAGITTA_KERNEL(copy_box_b128)

// A box whose last axis is contiguous in the target and whose last axis but one is contiguous in
// the source: tiles of 32x32 over these two. A block of 256 threads owns one tile at a time,
// grid-stride over `tiles` = (indices of the other axes) x (tiles down) x (tiles along); a warp
// reads four rows along the source and writes four along the target.
// Shared: 4,224 bytes, rows of 33 so that columns meet no bank twice.
extern "C" __global__ void copy_transposed_b32(
    int64_t tiles, int axes, Box g, const uint32_t* source, uint32_t* target) {
  __shared__ uint32_t tile[32][33];
  int64_t height = g.shape[axes - 2], width = g.shape[axes - 1];
  int64_t down = (height + 31) / 32, along = (width + 31) / 32;
  int lane = threadIdx.x % 32, warp = threadIdx.x / 32;
  for (int64_t t = blockIdx.x; t < tiles; t += gridDim.x) {
    int64_t row = t / along % down * 32, column = t % along * 32;
    Place at = place(t / along / down, axes - 2, g);
    for (int j = warp; j < 32; j += 8) {
      if (column + j < width && row + lane < height) {
        tile[j][lane] = source[at.source + row + lane + (column + j) * g.source[axes - 1]];
      }
    }
    __syncthreads();
    for (int j = warp; j < 32; j += 8) {
      if (row + j < height && column + lane < width) {
        target[at.target + (row + j) * g.target[axes - 2] + column + lane] = tile[lane][j];
      }
    }
    __syncthreads();
  }
}
SAGITTA_KERNEL(copy_transposed_b32)
