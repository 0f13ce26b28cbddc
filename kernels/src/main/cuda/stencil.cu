// Central differences: from odd = (s(x+d) - s(x-d))/2 and even = s(x+d) + s(x-d) - 2 s(x) of a quantity
// s, the same of max(s, 0) and of pooled maxima, by case analysis, and of GELU, by a series in odd and
// even, so that nothing cancels.  even may be null for zeros.
//
// A thread has four elements, eight of bf16, where the buffers are aligned for vectors, else one, with
// the grid as stride.  No shared memory.  Deterministic.
#include "gelu.cuh"
#include "grid.cuh"
#include "reduce.cuh"

namespace {

// The greater; a NaN wins.
__device__ __forceinline__ float greatest(float a, float b) { return a > b || a != a ? a : b; }

__device__ __forceinline__ bool wins(float value, float best) {
  return value > best || (value != value && best == best);
}

// With m = s + e/2, m = m+ + m- and s = s+ + s- split by sign: how far max(., 0) lies at m +- o from
// m+ is U, V = max(+-o + m-, -m+), and m+ from s+ is W = max(e/2 + s-, -s+).
struct Relu {
  __device__ __forceinline__ void operator()(float s, float& o, float& e) const {
    float half = 0.5f * e;
    float middle = s + half;
    float middle_up = greatest(middle, 0.0f);
    float middle_down = middle - middle_up;
    float up = greatest(s, 0.0f);
    float down = s - up;
    float above = greatest(o + middle_down, -middle_up);
    float below = greatest(middle_down - o, -middle_up);
    float shift = greatest(half + down, -up);
    o = 0.5f * (above - below);
    e = above + below + 2.0f * shift;
  }
};

struct Gelu {
  __device__ __forceinline__ void operator()(float s, float& o, float& e) const {
    gelu::stencil(s, o, e);
  }
};

template <class F>
__device__ __forceinline__ void each(const F& f, float4 s, float4& o, float4& e) {
  f(s.x, o.x, e.x);
  f(s.y, o.y, e.y);
  f(s.z, o.z, e.z);
  f(s.w, o.w, e.w);
}

// A thread's vector, from element i on.
template <class F>
__device__ __forceinline__ void map_vector(
    const F& f, int64_t i, const float* s, const float* odd, const float* even, float* odd_y,
    float* even_y) {
  float4 o = load_4(odd + i);
  float4 e = even ? load_4(even + i) : make_float4(0.0f, 0.0f, 0.0f, 0.0f);
  each(f, load_4(s + i), o, e);
  store_4(odd_y + i, o);
  store_4(even_y + i, e);
}

template <class F>
__device__ __forceinline__ void map_vector(
    const F& f, int64_t i, const float* s, const Bf16* odd, const Bf16* even, Bf16* odd_y,
    Bf16* even_y) {
  Eight v = load_8(s + i), o = load_8(odd + i), e = {};
  if (even) e = load_8(even + i);
  each(f, v.low, o.low, e.low);
  each(f, v.high, o.high, e.high);
  store_8(odd_y + i, o);
  store_8(even_y + i, e);
}

// odd_y may be odd, even_y may be even.
template <class Element, class F>
__device__ __forceinline__ void map(
    int64_t n, const float* s, const Element* odd, const Element* even, Element* odd_y,
    Element* even_y, F f) {
  constexpr int64_t V = 16 / sizeof(Element);
  bool aligned = aligned_16(s) && aligned_16(odd) && aligned_16(even) && aligned_16(odd_y)
      && aligned_16(even_y);
  int64_t whole = aligned ? n / V : 0;
  for (int64_t i = grid_thread(); i < whole; i += grid_threads()) {
    map_vector(f, V * i, s, odd, even, odd_y, even_y);
  }
  for (int64_t i = V * whole + grid_thread(); i < n; i += grid_threads()) {
    float o = load_1(odd + i);
    float e = even ? load_1(even + i) : 0.0f;
    f(s[i], o, e);
    store_1(odd_y + i, o);
    store_1(even_y + i, e);
  }
}

}  // namespace

extern "C" __global__ void stencil_relu_f32(
    int64_t n, const float* s, const float* odd, const float* even, float* odd_y, float* even_y) {
  map(n, s, odd, even, odd_y, even_y, Relu{});
}
SAGITTA_KERNEL(stencil_relu_f32)

// Of parts stored as bf16, which are rounded once.
extern "C" __global__ void stencil_relu_bf16(
    int64_t n, const float* s, const Bf16* odd, const Bf16* even, Bf16* odd_y, Bf16* even_y) {
  map(n, s, odd, even, odd_y, even_y, Relu{});
}
SAGITTA_KERNEL(stencil_relu_bf16)

extern "C" __global__ void stencil_gelu_f32(
    int64_t n, const float* s, const float* odd, const float* even, float* odd_y, float* even_y) {
  map(n, s, odd, even, odd_y, even_y, Gelu{});
}
SAGITTA_KERNEL(stencil_gelu_f32)

// n output elements, one a thread; s, odd, even: [batch, height, width, channels]; winners: the places
// of the maxima at x.  Those at x +- d are looked for among the values less that of the winner w at x,
// s_i - s_w + e_i/2 +- o_i; a NaN wins.  Preconditions: s has less than 2^31 elements.
extern "C" __global__ void stencil_max_pool_f32(
    int64_t n, int height, int width, int channels, int window, int stride, int padding,
    int out_height, int out_width, const float* __restrict__ s, const float* __restrict__ odd,
    const float* __restrict__ even, const int* __restrict__ winners, float* __restrict__ odd_y,
    float* __restrict__ even_y) {
  for (int64_t i = grid_thread(); i < n; i += grid_threads()) {
    int pixel = static_cast<int>(i / channels);
    int c = static_cast<int>(i - static_cast<int64_t>(pixel) * channels);
    int row = pixel / out_width;
    int image = row / out_height;
    int top = (row - image * out_height) * stride - padding;
    int left = (pixel - row * out_width) * stride - padding;
    int j = winners[i];
    int k = j;
    float base = s[j];
    // Compared with a NaN at x, everything is one.
    float above = base == base ? Max::identity() : base;
    float below = above;
    for (int y = top < 0 ? 0 : top; y < top + window && y < height; y++) {
      for (int x = left < 0 ? 0 : left; x < left + window && x < width; x++) {
        int at = ((image * height + y) * width + x) * channels + c;
        float middle = s[at] - base + (even ? 0.5f * even[at] : 0.0f);
        float o = odd[at];
        if (wins(middle + o, above)) {
          above = middle + o;
          j = at;
        }
        if (wins(middle - o, below)) {
          below = middle - o;
          k = at;
        }
      }
    }
    float ej = even ? even[j] : 0.0f;
    float ek = even ? even[k] : 0.0f;
    odd_y[i] = 0.5f * (s[j] - s[k] + 0.5f * (ej - ek) + (odd[j] + odd[k]));
    even_y[i] = (s[j] - base + (s[k] - base)) + 0.5f * (ej + ek) + (odd[j] - odd[k]);
  }
}
SAGITTA_KERNEL(stencil_max_pool_f32)
