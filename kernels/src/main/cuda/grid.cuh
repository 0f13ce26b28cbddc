// Where a thread stands in a one-dimensional grid, and what it may access at once.
#pragma once
#include "elements.cuh"

__device__ __forceinline__ int64_t grid_thread() {
  return static_cast<int64_t>(blockIdx.x) * blockDim.x + threadIdx.x;
}

__device__ __forceinline__ int64_t grid_threads() {
  return static_cast<int64_t>(gridDim.x) * blockDim.x;
}

// Whether 16-byte accesses may begin at p.
__device__ __forceinline__ bool aligned_16(const void* p) {
  return (reinterpret_cast<uint64_t>(p) & 15) == 0;
}
