// Random signs as io.sagitta.kernels.RandomSigns describes them: a row's element e is first * v +
// second * u, v = +1 where bit e % 32 of word e / 32 % 4 of block e / 128 of v's stream is set, else
// -1, and so u. keys: [rows, 6], seed, v's stream, u's stream, the lower half of each first.
#pragma once
#include "philox.cuh"

// Elements of a Philox block.
constexpr int SIGNS = 128;

__device__ __forceinline__ uint64_t key_number(const int* key, int which) {
  return static_cast<uint32_t>(key[2 * which])
      | static_cast<uint64_t>(static_cast<uint32_t>(key[2 * which + 1])) << 32;
}

// Block `index` of v's (which = 0) or u's (which = 1) stream of a row.
__device__ __forceinline__ PhiloxBlock sign_block(
    const int* keys, int64_t row, int which, uint64_t index) {
  const int* key = keys + 6 * row;
  return philox(key_number(key, 0), key_number(key, 1 + which), index);
}

struct SignWeights {
  float first, second;

  // How many of the two streams are there.
  __device__ __forceinline__ int streams() const { return second == 0.f ? 1 : 2; }

  // The element of a bit of both words.
  __device__ __forceinline__ float sum(uint32_t v, uint32_t u, int bit) const {
    float value = (v >> bit) & 1u ? first : -first;
    return second == 0.f ? value : value + ((u >> bit) & 1u ? second : -second);
  }
};
