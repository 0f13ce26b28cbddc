// How the blocks of batch_norm.cu share x: [rows, channels]. The channels are cut into groups of V,
// and a block has `lanes` groups (a power of two, at most 32) of `part` rows: thread t has group
// t % lanes and every (256 / lanes)-th row, so that neighbours read neighbours.
// Grid: [ceil(rows / part), ceil(channels / V / lanes)].
#pragma once
#include "elements.cuh"

constexpr int kThreads = 256;

template <int V, class Element>
__device__ __forceinline__ void load(float (&to)[V], const Element* __restrict__ from) {
  if constexpr (V == 1) {
    to[0] = load_1(from);
  } else {
    static_assert(V == 4, "one channel or four");
    float4 four = load_4(from);
    to[0] = four.x;
    to[1] = four.y;
    to[2] = four.z;
    to[3] = four.w;
  }
}

template <int V, class Element>
__device__ __forceinline__ void store(Element* __restrict__ to, const float (&from)[V]) {
  if constexpr (V == 1) {
    store_1(to, from[0]);
  } else {
    static_assert(V == 4, "one channel or four");
    store_4(to, make_float4(from[0], from[1], from[2], from[3]));
  }
}

// What a thread works on: V channels from `channel` on, rows `row`, `row + step`, ... below `end`.
struct Share {
  int channel;
  int step;
  int64_t first;
  int64_t row;
  int64_t end;
  bool inside;
};

template <int V>
__device__ __forceinline__ Share share(int64_t rows, int channels, int lanes, int64_t part) {
  Share s;
  int t = static_cast<int>(threadIdx.x);
  s.channel = (static_cast<int>(blockIdx.y) * lanes + (t & (lanes - 1))) * V;
  s.step = kThreads / lanes;
  s.first = blockIdx.x * part;
  s.row = s.first + t / lanes;
  s.inside = s.channel < channels;
  s.end = s.first + part < rows ? s.first + part : rows;
  return s;
}

// Adds a and b up over the threads with the same t % lanes, which all get the sums.
template <int V>
__device__ __forceinline__ void fold(double (&a)[V], double (&b)[V], int lanes, double* shared) {
  int t = static_cast<int>(threadIdx.x);
#pragma unroll
  for (int k = 0; k < V; k++) {
    shared[k * kThreads + t] = a[k];
    shared[(V + k) * kThreads + t] = b[k];
  }
  for (int half = kThreads / 2; half >= lanes; half /= 2) {
    __syncthreads();
    if (t < half) {
#pragma unroll
      for (int k = 0; k < 2 * V; k++) shared[k * kThreads + t] += shared[k * kThreads + t + half];
    }
  }
  __syncthreads();
#pragma unroll
  for (int k = 0; k < V; k++) {
    a[k] = shared[k * kThreads + (t & (lanes - 1))];
    b[k] = shared[(V + k) * kThreads + (t & (lanes - 1))];
  }
}
