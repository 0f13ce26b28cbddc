// Functions of dual numbers: values and their derivatives along a direction, in one launch. f' is
// read from z, the function's value y, for log its argument x:
//   unary_dual        y = f(x), dy = f'(z) dx
//   unary_slope       y = f'(z) t
//   unary_slope_dual  y = f'(z) t, dy = f'(z) dt + (df'/dz)(z) t dz
//   binary_dual       mul: y = a b, dy = da b + a db; div: y = a / b, dy = (da - y db) / b
// All: [n].  A thread owns four neighbours at a time where all arrays are 16-byte aligned, else one,
// with the grid as stride.  No shared memory.  Deterministic.
#include "grid.cuh"

#define SMOOTH(op, reads, value_of, slope_of, bend_of)                          \
  struct Smooth_##op {                                                          \
    static constexpr bool reads_argument = reads;                               \
    static __device__ __forceinline__ float value(float x) { return value_of; } \
    static __device__ __forceinline__ float slope(float z) { return slope_of; } \
    static __device__ __forceinline__ float bend(float z) { return bend_of; }   \
  };

SMOOTH(exp, false, expf(x), z, 1.0f)
SMOOTH(log, true, logf(x), 1.0f / z, -1.0f / (z * z))
SMOOTH(sqrt, false, sqrtf(x), 0.5f / z, -0.5f / (z * z))
SMOOTH(reciprocal, false, 1.0f / x, -z * z, -2.0f * z)
SMOOTH(tanh, false, tanhf(x), (1.0f - z) * (1.0f + z), -2.0f * z)

// From a, da, b, db to y and dy, element by element; b and db may be null where F reads no b. F may
// leave dy out, then it is null.
template <class F>
__device__ __forceinline__ void map(
    int64_t n, const float* a, const float* da, const float* b, const float* db, float* y,
    float* dy) {
  bool aligned = aligned_16(a) && aligned_16(da) && aligned_16(b) && aligned_16(db) && aligned_16(y)
      && aligned_16(dy);
  int64_t whole = aligned ? n / 4 : 0;
  for (int64_t i = grid_thread(); i < whole; i += grid_threads()) {
    float4 u = load_4(a + 4 * i), du = load_4(da + 4 * i);
    float4 v = b ? load_4(b + 4 * i) : u, dv = db ? load_4(db + 4 * i) : u;
    F::apply(u.x, du.x, v.x, dv.x);
    F::apply(u.y, du.y, v.y, dv.y);
    F::apply(u.z, du.z, v.z, dv.z);
    F::apply(u.w, du.w, v.w, dv.w);
    store_4(y + 4 * i, u);
    if (dy) store_4(dy + 4 * i, du);
  }
  for (int64_t i = 4 * whole + grid_thread(); i < n; i += grid_threads()) {
    float u = a[i], du = da[i];
    F::apply(u, du, b ? b[i] : 0.0f, db ? db[i] : 0.0f);
    y[i] = u;
    if (dy) dy[i] = du;
  }
}

// Each replaces a and da by y and dy.
template <class Op>
struct Dual {
  static __device__ __forceinline__ void apply(float& x, float& dx, float, float) {
    float y = Op::value(x);
    dx *= Op::slope(Op::reads_argument ? x : y);
    x = y;
  }
};

// a = t, da = z.
template <class Op>
struct Slope {
  static __device__ __forceinline__ void apply(float& t, float& z, float, float) {
    t *= Op::slope(z);
  }
};

template <class Op>
struct SlopeDual {
  static __device__ __forceinline__ void apply(float& t, float& dt, float z, float dz) {
    float slope = Op::slope(z);
    dt = fmaf(slope, dt, Op::bend(z) * t * dz);
    t *= slope;
  }
};

struct MulDual {
  static __device__ __forceinline__ void apply(float& a, float& da, float b, float db) {
    da = fmaf(da, b, a * db);
    a *= b;
  }
};

struct DivDual {
  static __device__ __forceinline__ void apply(float& a, float& da, float b, float db) {
    a /= b;
    da = (da - a * db) / b;
  }
};

#define UNARY(op)                                                                           \
  extern "C" __global__ void unary_dual_##op##_f32(                                         \
      int64_t n, const float* x, const float* dx, float* y, float* dy) {                    \
    map<Dual<Smooth_##op>>(n, x, dx, nullptr, nullptr, y, dy);                              \
  }                                                                                         \
  SAGITTA_KERNEL(unary_dual_##op##_f32)                                                     \
  extern "C" __global__ void unary_slope_##op##_f32(                                        \
      int64_t n, const float* z, const float* t, float* y) {                                \
    map<Slope<Smooth_##op>>(n, t, z, nullptr, nullptr, y, nullptr);                         \
  }                                                                                         \
  SAGITTA_KERNEL(unary_slope_##op##_f32)                                                    \
  extern "C" __global__ void unary_slope_dual_##op##_f32(                                   \
      int64_t n, const float* z, const float* dz, const float* t, const float* dt, float* y, \
      float* dy) {                                                                          \
    map<SlopeDual<Smooth_##op>>(n, t, dt, z, dz, y, dy);                                    \
  }                                                                                         \
  SAGITTA_KERNEL(unary_slope_dual_##op##_f32)

UNARY(exp)
UNARY(log)
UNARY(sqrt)
UNARY(reciprocal)
UNARY(tanh)

#define BINARY(op, F)                                                                       \
  extern "C" __global__ void binary_dual_##op##_f32(                                        \
      int64_t n, const float* a, const float* da, const float* b, const float* db, float* y, \
      float* dy) {                                                                          \
    map<F>(n, a, da, b, db, y, dy);                                                         \
  }                                                                                         \
  SAGITTA_KERNEL(binary_dual_##op##_f32)

BINARY(mul, MulDual)
BINARY(div, DivDual)
