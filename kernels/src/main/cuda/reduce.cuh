// Reductions over a warp or a block in an order fixed by the thread numbers: the same bits every
// time, and the same result in every thread. All threads of the warp or block must call.
#pragma once
#include "device.cuh"

struct Add {
  template <class T>
  static __device__ __forceinline__ T of(T a, T b) {
    return a + b;
  }
  static __device__ __forceinline__ float identity() { return 0.0f; }
};

// The greater of both; a NaN wins.
struct Max {
  static __device__ __forceinline__ float of(float a, float b) {
    return a != a ? a : (b > a || b != b) ? b : a;
  }
  // Minus infinity.
  static __device__ __forceinline__ float identity() { return __uint_as_float(0xff800000u); }
};

// Op over the 32 values of a warp, in every lane: a butterfly, whose two partners agree bit for bit
// since both operations commute.
template <class Op, class T>
__device__ __forceinline__ T warp_reduce(T value) {
#pragma unroll
  for (int step = 16; step > 0; step >>= 1) {
    value = Op::of(value, __shfl_xor_sync(0xffffffffu, value, step));
  }
  return value;
}

// Op over the values of a block of a whole number of warps, in every thread.
// shared: one T a warp, free to be written on entry and on return.
template <class Op, class T>
__device__ __forceinline__ T block_reduce(T value, T* shared) {
  int warps = blockDim.x / 32;
  value = warp_reduce<Op>(value);
  if (threadIdx.x % 32 == 0) shared[threadIdx.x / 32] = value;
  __syncthreads();
  value = shared[0];
  for (int warp = 1; warp < warps; warp++) value = Op::of(value, shared[warp]);
  __syncthreads();
  return value;
}
