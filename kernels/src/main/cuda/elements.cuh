// Elements of arrays, floats wherever they are not in memory, where they are fp32 or bf16: one, or
// several neighbours in one access, to whose size they are aligned. bf16 is the upper half of a
// float, rounded to nearest, ties to even; a word has two neighbours, the first in its lower half.
#pragma once
#include "device.cuh"

struct Bf16 {
  uint16_t bits;
};

struct Eight {
  float4 low, high;
};

__device__ __forceinline__ float low_bf16(uint32_t word) { return __uint_as_float(word << 16); }

__device__ __forceinline__ float high_bf16(uint32_t word) {
  return __uint_as_float(word & 0xffff0000u);
}

// What v is once it is stored.
__device__ __forceinline__ float round_bf16(float v) { return low_bf16(pack_bf16(v, 0.f)); }

__device__ __forceinline__ float load_1(const float* p) { return *p; }

__device__ __forceinline__ float load_1(const Bf16* p) {
  return low_bf16(static_cast<uint32_t>(p->bits));
}

__device__ __forceinline__ void store_1(float* p, float v) { *p = v; }

__device__ __forceinline__ void store_1(Bf16* p, float v) {
  p->bits = static_cast<uint16_t>(pack_bf16(v, 0.f));
}

__device__ __forceinline__ float2 load_2(const float* p) {
  return *reinterpret_cast<const float2*>(p);
}

__device__ __forceinline__ float2 load_2(const Bf16* p) {
  uint32_t word = *reinterpret_cast<const uint32_t*>(p);
  return make_float2(low_bf16(word), high_bf16(word));
}

__device__ __forceinline__ void store_2(float* p, float2 v) { *reinterpret_cast<float2*>(p) = v; }

__device__ __forceinline__ void store_2(Bf16* p, float2 v) {
  *reinterpret_cast<uint32_t*>(p) = pack_bf16(v.x, v.y);
}

__device__ __forceinline__ float4 load_4(const float* p) {
  return *reinterpret_cast<const float4*>(p);
}

__device__ __forceinline__ float4 load_4(const Bf16* p) {
  uint2 words = *reinterpret_cast<const uint2*>(p);
  return make_float4(
      low_bf16(words.x), high_bf16(words.x), low_bf16(words.y), high_bf16(words.y));
}

__device__ __forceinline__ void store_4(float* p, float4 v) { *reinterpret_cast<float4*>(p) = v; }

__device__ __forceinline__ void store_4(Bf16* p, float4 v) {
  *reinterpret_cast<uint2*>(p) = make_uint2(pack_bf16(v.x, v.y), pack_bf16(v.z, v.w));
}

// Of fp32 in two accesses.
__device__ __forceinline__ Eight load_8(const float* p) { return {load_4(p), load_4(p + 4)}; }

__device__ __forceinline__ Eight load_8(const Bf16* p) {
  uint4 words = *reinterpret_cast<const uint4*>(p);
  return {
      make_float4(low_bf16(words.x), high_bf16(words.x), low_bf16(words.y), high_bf16(words.y)),
      make_float4(low_bf16(words.z), high_bf16(words.z), low_bf16(words.w), high_bf16(words.w))};
}

__device__ __forceinline__ void store_8(float* p, const Eight& v) {
  store_4(p, v.low);
  store_4(p + 4, v.high);
}

__device__ __forceinline__ void store_8(Bf16* p, const Eight& v) {
  *reinterpret_cast<uint4*>(p) = make_uint4(
      pack_bf16(v.low.x, v.low.y), pack_bf16(v.low.z, v.low.w), pack_bf16(v.high.x, v.high.y),
      pack_bf16(v.high.z, v.high.w));
}
