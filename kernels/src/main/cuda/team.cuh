// The threads that share a row of a matrix, and the rows that they take: a warp, for short rows, or a
// block of 256. A kernel is written once, as a function of its team.
#pragma once
#include "grid.cuh"
#include "reduce.cuh"

struct Warp {
  __device__ __forceinline__ int64_t first_row() const { return grid_thread() / 32; }
  __device__ __forceinline__ int64_t row_step() const { return grid_threads() / 32; }
  __device__ __forceinline__ int thread() const { return threadIdx.x % 32; }
  __device__ __forceinline__ int threads() const { return 32; }
  template <class Op>
  __device__ __forceinline__ float reduce(float value) const {
    return warp_reduce<Op>(value);
  }
};

struct Block {
  float* shared;
  __device__ __forceinline__ int64_t first_row() const { return blockIdx.x; }
  __device__ __forceinline__ int64_t row_step() const { return gridDim.x; }
  __device__ __forceinline__ int thread() const { return threadIdx.x; }
  __device__ __forceinline__ int threads() const { return blockDim.x; }
  template <class Op>
  __device__ __forceinline__ float reduce(float value) const {
    return block_reduce<Op>(value, shared);
  }
};

// Kernels OP_warp_f32 and OP_block_f32 from the function `op` of a team and what follows it.
#define WARP_AND_BLOCK(op, parameters, ...)                   \
  extern "C" __global__ void op##_warp_f32 parameters {       \
    op(Warp{}, __VA_ARGS__);                                  \
  }                                                           \
  SAGITTA_KERNEL(op##_warp_f32)                               \
  extern "C" __global__ void op##_block_f32 parameters {      \
    __shared__ float shared[8];                               \
    op(Block{shared}, __VA_ARGS__);                           \
  }                                                           \
  SAGITTA_KERNEL(op##_block_f32)
