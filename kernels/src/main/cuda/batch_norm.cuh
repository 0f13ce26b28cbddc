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

// Most channels of a block: of 32 lanes, four each.
constexpr int kMostChannels = 128;

// V neighbours as they lie in memory.
template <int V, class Element>
struct Packed {
  using Type = Element;
};
template <>
struct Packed<4, float> {
  using Type = float4;
};
template <>
struct Packed<4, Bf16> {
  using Type = uint2;
};

// A thread's share of an image, by where its channels begin in the rows, which are taken some at a
// time: branches and stores lie between the uses of rows, over which the compiler moves no load,
// so all are read before the first is used.
template <int V, class Element>
struct Rows {
  // As many as there are registers for.
  static constexpr int kCount = V * sizeof(Element) > 8 ? 2 : 4;

  // Rows of one image, unpacked where they are used: floats take twice the registers of bf16.
  struct Taken {
    typename Packed<V, Element>::Type rows[kCount];

    __device__ __forceinline__ void unpack(int i, float (&to)[V]) const {
      load<V>(to, reinterpret_cast<const Element*>(&rows[i]));
    }
  };

  int64_t first;
  int64_t step;
  int64_t end;

  __device__ __forceinline__ Rows(const Share& s, int channels)
      : first(s.row * channels + s.channel),
        step(static_cast<int64_t>(s.step) * channels),
        end(s.inside ? s.end * channels : 0) {}

  __device__ __forceinline__ int64_t at(int i) const { return first + i * step; }
  __device__ __forceinline__ bool has(int i) const { return at(i) < end; }

  __device__ __forceinline__ void take(Taken& to, const Element* __restrict__ from) const {
#pragma unroll
    for (int i = 0; i < kCount; i++) {
      if (has(i)) {
        to.rows[i] = *reinterpret_cast<const typename Packed<V, Element>::Type*>(from + at(i));
      }
    }
  }

  // use(i, at) for each row, the i-th of those that take() took last, its channels at `at`.
  template <class Take, class Use>
  __device__ __forceinline__ void each(const Take& take, const Use& use) {
    for (; has(0); first += kCount * step) {
      take();
#pragma unroll
      for (int i = 0; i < kCount; i++) {
        if (!has(i)) break;
        use(i, at(i));
      }
    }
  }
};

// make(c, t) is called for each channel c of a block, its t-th, by a thread of its own, and what it
// makes is there for all threads afterwards. It reads everything before it takes roots or divides,
// which are branches too.
template <int V, class Make>
__device__ __forceinline__ void for_channels(int channels, int lanes, const Make& make) {
  int t = static_cast<int>(threadIdx.x);
  int c = static_cast<int>(blockIdx.y) * lanes * V + t;
  if (t < lanes * V && c < channels) make(c, t);
  __syncthreads();
}

// A thread's first channel among those of its block.
template <int V>
__device__ __forceinline__ int own_channel(int lanes) {
  return (static_cast<int>(threadIdx.x) & (lanes - 1)) * V;
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
