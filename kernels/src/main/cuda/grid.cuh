// Where a thread stands in a one-dimensional grid, and vectors of four floats.
#pragma once
#include "device.cuh"

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

__device__ __forceinline__ float4 load_4(const float* p) {
  return *reinterpret_cast<const float4*>(p);
}

__device__ __forceinline__ void store_4(float* p, float4 v) {
  *reinterpret_cast<float4*>(p) = v;
}
