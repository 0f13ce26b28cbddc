// Functions of one element at a time; y may be x.
//   fill     y = value
//   unary    y = op(x), one kernel an operation
//   affine   y = scale * x + shift
//   accumulate  y += scale * x
// x, y: [n].  A thread owns four neighbours at a time where x and y are 16-byte aligned (a slice
// need not be), else one, with the grid as stride.  No shared memory.  Deterministic.
#include "gelu.cuh"
#include "grid.cuh"

// y[i] = f(x[i], y[i]).
template <class F>
__device__ __forceinline__ void map(int64_t n, const float* x, float* y, F f) {
  int64_t whole = aligned_16(x) && aligned_16(y) ? n / 4 : 0;
  for (int64_t i = grid_thread(); i < whole; i += grid_threads()) {
    float4 u = load_4(x + 4 * i);
    float4 v = F::adds ? load_4(y + 4 * i) : u;
    store_4(y + 4 * i, make_float4(f(u.x, v.x), f(u.y, v.y), f(u.z, v.z), f(u.w, v.w)));
  }
  for (int64_t i = 4 * whole + grid_thread(); i < n; i += grid_threads()) {
    y[i] = f(x[i], F::adds ? y[i] : 0.0f);
  }
}

extern "C" __global__ void fill_f32(int64_t n, float* y, float value) {
  int64_t whole = aligned_16(y) ? n / 4 : 0;
  for (int64_t i = grid_thread(); i < whole; i += grid_threads()) {
    store_4(y + 4 * i, make_float4(value, value, value, value));
  }
  for (int64_t i = 4 * whole + grid_thread(); i < n; i += grid_threads()) y[i] = value;
}
SAGITTA_KERNEL(fill_f32)

struct Affine {
  static constexpr bool adds = false;
  float scale, shift;
  __device__ __forceinline__ float operator()(float x, float) const {
    return fmaf(scale, x, shift);
  }
};

extern "C" __global__ void affine_f32(
    int64_t n, const float* x, float* y, float scale, float shift) {
  map(n, x, y, Affine{scale, shift});
}
SAGITTA_KERNEL(affine_f32)

struct Accumulate {
  static constexpr bool adds = true;
  float scale;
  __device__ __forceinline__ float operator()(float x, float y) const { return fmaf(scale, x, y); }
};

extern "C" __global__ void accumulate_f32(int64_t n, const float* x, float* y, float scale) {
  map(n, x, y, Accumulate{scale});
}
SAGITTA_KERNEL(accumulate_f32)

#define UNARY(op, expression)                                                              \
  struct Unary_##op {                                                                      \
    static constexpr bool adds = false;                                                    \
    __device__ __forceinline__ float operator()(float x, float) const { return expression; } \
  };                                                                                       \
  extern "C" __global__ void unary_##op##_f32(int64_t n, const float* x, float* y) {       \
    map(n, x, y, Unary_##op{});                                                            \
  }                                                                                        \
  SAGITTA_KERNEL(unary_##op##_f32)

UNARY(exp, expf(x))
UNARY(log, logf(x))
UNARY(sqrt, sqrtf(x))
UNARY(reciprocal, 1.0f / x)
UNARY(tanh, tanhf(x))
UNARY(gelu, gelu::value(x))
UNARY(abs, fabsf(x))
UNARY(sign, x > 0 ? 1.0f : x < 0 ? -1.0f : x)  // zeros and NaN as they are
UNARY(relu, x < 0 ? 0.0f : x)                  // a NaN is not less than zero
UNARY(step, x > 0 ? 1.0f : 0.0f)
