// y = op(a, b), one kernel an operation and a form; y may be a or b in the flat form.
//   flat  a, b, y: [n], all fp32 or all bf16.  16 bytes a thread where all are aligned to them, else
//         one element.
//   rows  y: [rows, columns], row-major; a, b stand at row * rowStride + column * columnStride,
//         where a stride of 0 repeats: a bias, a scalar, a value a row.  Four columns a thread
//         where columns are a multiple of 4 and what is contiguous is 16-byte aligned, else one.
//   box   y: up to 8 axes, row-major; a and b by a stride an axis.  One element a thread.
// The grid is the stride of each thread's loop.  No shared memory.  Deterministic.
#include "grid.cuh"

// Shape and strides, as CudaBinary lays them out; the last of `axes` is the innermost.
struct Box {
  int64_t shape[8], a[8], b[8];
};

struct Rows {
  int64_t rows, columns, a_row, a_column, b_row, b_column;
};

template <class F>
__device__ __forceinline__ float4 apply_4(F f, float4 a, float4 b) {
  return make_float4(f(a.x, b.x), f(a.y, b.y), f(a.z, b.z), f(a.w, b.w));
}

template <class F>
__device__ __forceinline__ void flat(int64_t n, const Bf16* a, const Bf16* b, Bf16* y, F f) {
  int64_t whole = aligned_16(a) && aligned_16(b) && aligned_16(y) ? n / 8 : 0;
  for (int64_t i = grid_thread(); i < whole; i += grid_threads()) {
    Eight u = load_8(a + 8 * i), v = load_8(b + 8 * i);
    store_8(y + 8 * i, {apply_4(f, u.low, v.low), apply_4(f, u.high, v.high)});
  }
  for (int64_t i = 8 * whole + grid_thread(); i < n; i += grid_threads()) {
    store_1(y + i, f(load_1(a + i), load_1(b + i)));
  }
}

template <class F>
__device__ __forceinline__ void flat(int64_t n, const float* a, const float* b, float* y, F f) {
  int64_t whole = aligned_16(a) && aligned_16(b) && aligned_16(y) ? n / 4 : 0;
  for (int64_t i = grid_thread(); i < whole; i += grid_threads()) {
    store_4(y + 4 * i, apply_4(f, load_4(a + 4 * i), load_4(b + 4 * i)));
  }
  for (int64_t i = 4 * whole + grid_thread(); i < n; i += grid_threads()) y[i] = f(a[i], b[i]);
}

// Whether four columns of an operand can be had by one load: 16 bytes, or one repeated element.
__device__ __forceinline__ bool loads_4(const float* p, int64_t row, int64_t column) {
  return column == 0 || (column == 1 && row % 4 == 0 && aligned_16(p));
}

__device__ __forceinline__ float4 spread_4(const float* p, int64_t at, int64_t column) {
  if (column == 1) return load_4(p + at);
  float v = p[at];
  return make_float4(v, v, v, v);
}

// Index is uint32_t where it holds every index of y: 64-bit divisions are slow.
template <class Index, class F>
__device__ __forceinline__ void rows_by(
    const Rows& g, const float* a, const float* b, float* y, F f) {
  if (g.columns % 4 == 0 && aligned_16(y) && loads_4(a, g.a_row, g.a_column) &&
      loads_4(b, g.b_row, g.b_column)) {
    Index width = static_cast<Index>(g.columns / 4);
    for (int64_t i = grid_thread(); i < g.rows * (g.columns / 4); i += grid_threads()) {
      int64_t row = static_cast<Index>(i) / width;
      int64_t column = 4 * (i - row * width);
      float4 u = spread_4(a, row * g.a_row + column * g.a_column, g.a_column);
      float4 v = spread_4(b, row * g.b_row + column * g.b_column, g.b_column);
      store_4(y + 4 * i, apply_4(f, u, v));
    }
    return;
  }
  Index width = static_cast<Index>(g.columns);
  for (int64_t i = grid_thread(); i < g.rows * g.columns; i += grid_threads()) {
    int64_t row = static_cast<Index>(i) / width;
    int64_t column = i - row * width;
    y[i] = f(a[row * g.a_row + column * g.a_column], b[row * g.b_row + column * g.b_column]);
  }
}

template <class F>
__device__ __forceinline__ void rows(const Rows& g, const float* a, const float* b, float* y, F f) {
  if (g.rows * g.columns <= 0xffffffffll) {
    rows_by<uint32_t>(g, a, b, y, f);
  } else {
    rows_by<uint64_t>(g, a, b, y, f);
  }
}

template <class Index, class F>
__device__ __forceinline__ void box_by(
    int64_t n, int axes, const Box& g, const float* a, const float* b, float* y, F f) {
  for (int64_t i = grid_thread(); i < n; i += grid_threads()) {
    Index left = static_cast<Index>(i);
    int64_t at_a = 0, at_b = 0;
#pragma unroll
    for (int k = 7; k >= 0; k--) {
      if (k < axes) {
        Index length = static_cast<Index>(g.shape[k]);
        Index quotient = left / length;
        int64_t index = left - quotient * length;
        at_a += index * g.a[k];
        at_b += index * g.b[k];
        left = quotient;
      }
    }
    y[i] = f(a[at_a], b[at_b]);
  }
}

template <class F>
__device__ __forceinline__ void box(
    int64_t n, int axes, const Box& g, const float* a, const float* b, float* y, F f) {
  if (n <= 0xffffffffll) {
    box_by<uint32_t>(n, axes, g, a, b, y, f);
  } else {
    box_by<uint64_t>(n, axes, g, a, b, y, f);
  }
}

#define BINARY(op, expression)                                                                     \
  struct Binary_##op {                                                                             \
    __device__ __forceinline__ float operator()(float a, float b) const { return expression; }     \
  };                                                                                               \
  extern "C" __global__ void binary_##op##_flat_f32(                                               \
      int64_t n, const float* a, const float* b, float* y) {                                       \
    flat(n, a, b, y, Binary_##op{});                                                               \
  }                                                                                                \
  SAGITTA_KERNEL(binary_##op##_flat_f32)                                                           \
  extern "C" __global__ void binary_##op##_rows_f32(                                               \
      int64_t height, int64_t width, int64_t a_row, int64_t a_column, int64_t b_row,               \
      int64_t b_column, const float* a, const float* b, float* y) {                                \
    rows({height, width, a_row, a_column, b_row, b_column}, a, b, y, Binary_##op{});               \
  }                                                                                                \
  SAGITTA_KERNEL(binary_##op##_rows_f32)                                                           \
  extern "C" __global__ void binary_##op##_box_f32(                                                \
      int64_t n, int axes, Box g, const float* a, const float* b, float* y) {                      \
    box(n, axes, g, a, b, y, Binary_##op{});                                                       \
  }                                                                                                \
  SAGITTA_KERNEL(binary_##op##_box_f32)

BINARY(add, a + b)
BINARY(sub, a - b)
BINARY(mul, a * b)
BINARY(div, a / b)
BINARY(max, a != a ? a : (b > a || b != b) ? b : a)
BINARY(greater, a > b ? 1.0f : 0.0f)
BINARY(mask, b > 0 ? a : 0.0f)

#define BINARY_BF16(op)                                                                            \
  extern "C" __global__ void binary_##op##_flat_bf16(                                              \
      int64_t n, const Bf16* a, const Bf16* b, Bf16* y) {                                          \
    flat(n, a, b, y, Binary_##op{});                                                               \
  }                                                                                                \
  SAGITTA_KERNEL(binary_##op##_flat_bf16)

BINARY_BF16(add)
BINARY_BF16(mask)
