// Reads and writes at places that an index buffer names; indices are taken as checked.
//   gather   y[r] = table[index[r]], rows of `width`
//   select   y[i] = x[places[i]]
//   scatter  table[k] = Σ over r with index[r] = k of y[r], in the order of r, in float64, rounded
//            once to fp32; for a short index (scan) or after sorting it (index_sort.cu; bounds,
//            sorted)
// In kernels called _bf16, x and y are bf16 images, and so is the table.
// The grid is the stride of each loop.  No shared memory.  Deterministic: each output has one
// owner, which adds in the order of r.
#include "grid.cuh"

// Index is uint32_t where it holds every index of y: 64-bit divisions are slow.
template <class Index, class Vector>
__device__ __forceinline__ void gather(
    int64_t rows, int64_t vectors, const Vector* table, const int* index, Vector* y) {
  Index width = static_cast<Index>(vectors);
  for (int64_t i = grid_thread(); i < rows * vectors; i += grid_threads()) {
    int64_t row = static_cast<Index>(i) / width;
    y[i] = table[index[row] * vectors + (i - row * vectors)];
  }
}

template <class Vector>
__device__ __forceinline__ void gather_any(
    int64_t rows, int64_t vectors, const Vector* table, const int* index, Vector* y) {
  if (rows * vectors <= 0xffffffffll) {
    gather<uint32_t>(rows, vectors, table, index, y);
  } else {
    gather<uint64_t>(rows, vectors, table, index, y);
  }
}

// A thread owns four neighbours of a row where width is a multiple of 4 and table and y are 16-byte
// aligned, else one.
extern "C" __global__ void gather_rows_f32(
    int64_t rows, int64_t width, const float* table, const int* index, float* y) {
  if (width % 4 == 0 && aligned_16(table) && aligned_16(y)) {
    const float4* vectors = reinterpret_cast<const float4*>(table);
    gather_any(rows, width / 4, vectors, index, reinterpret_cast<float4*>(y));
  } else {
    gather_any(rows, width, table, index, y);
  }
}
SAGITTA_KERNEL(gather_rows_f32)

// x: any, places, y: [n].  A thread an element.
extern "C" __global__ void select_f32(int64_t n, const float* x, const int* places, float* y) {
  for (int64_t i = grid_thread(); i < n; i += grid_threads()) y[i] = x[places[i]];
}
SAGITTA_KERNEL(select_f32)

// Moves bits.
extern "C" __global__ void select_bf16(int64_t n, const Bf16* x, const int* places, Bf16* y) {
  for (int64_t i = grid_thread(); i < n; i += grid_threads()) y[i] = x[places[i]];
}
SAGITTA_KERNEL(select_bf16)

// A warp owns 32 columns of a table row. It looks through the whole index, 32 entries at a time,
// and adds the rows that belong to it: work tableRows * rows * ceil(width / 32), for small tables.
template <class Element>
__device__ __forceinline__ void scatter_scan(
    int64_t rows, int64_t table_rows, int64_t width, const Element* y, const int* index,
    Element* table) {
  int lane = threadIdx.x % 32;
  int64_t tiles = (width + 31) / 32;
  for (int64_t unit = grid_thread() / 32; unit < table_rows * tiles; unit += grid_threads() / 32) {
    int64_t k = unit / tiles;
    int64_t column = unit % tiles * 32 + lane;
    double sum = 0.0;
    for (int64_t from = 0; from < rows; from += 32) {
      bool mine = from + lane < rows && index[from + lane] == k;
      for (unsigned found = __ballot_sync(0xffffffffu, mine); found != 0; found &= found - 1) {
        int64_t r = from + __ffs(found) - 1;
        if (column < width) sum += static_cast<double>(load_1(y + r * width + column));
      }
    }
    if (column < width) store_1(table + k * width + column, static_cast<float>(sum));
  }
}

extern "C" __global__ void scatter_scan_f32(
    int64_t rows, int64_t table_rows, int64_t width, const float* y, const int* index,
    float* table) {
  scatter_scan(rows, table_rows, width, y, index, table);
}
SAGITTA_KERNEL(scatter_scan_f32)

extern "C" __global__ void scatter_scan_bf16(
    int64_t rows, int64_t table_rows, int64_t width, const Bf16* y, const int* index,
    Bf16* table) {
  scatter_scan(rows, table_rows, width, y, index, table);
}
SAGITTA_KERNEL(scatter_scan_bf16)

// bounds: [tableRows, 2], where the entries of each table row begin and end in the sorted keys;
// rows without entries keep what was there before, which is to be 0, 0.  A thread an entry.
extern "C" __global__ void scatter_bounds(int64_t n, const int* keys, int* bounds) {
  for (int64_t p = grid_thread(); p < n; p += grid_threads()) {
    int64_t k = keys[p];
    if (p == 0 || keys[p - 1] != k) bounds[2 * k] = static_cast<int>(p);
    if (p == n - 1 || keys[p + 1] != k) bounds[2 * k + 1] = static_cast<int>(p) + 1;
  }
}
SAGITTA_KERNEL(scatter_bounds)

// origins: [n], the row of y that each sorted entry came from, rising within a key.  A thread
// owns an element of the table.
template <class Element>
__device__ __forceinline__ void scatter_sorted(
    int64_t table_rows, int64_t width, const Element* y, const int* bounds, const int* origins,
    Element* table) {
  for (int64_t i = grid_thread(); i < table_rows * width; i += grid_threads()) {
    int64_t k = width == 1 ? i : i / width;
    int64_t column = i - k * width;
    int end = bounds[2 * k + 1];
    double sum = 0.0;
#pragma unroll 4
    for (int p = bounds[2 * k]; p < end; p++) {
      sum += static_cast<double>(load_1(y + origins[p] * width + column));
    }
    store_1(table + i, static_cast<float>(sum));
  }
}

extern "C" __global__ void scatter_sorted_f32(
    int64_t table_rows, int64_t width, const float* y, const int* bounds, const int* origins,
    float* table) {
  scatter_sorted(table_rows, width, y, bounds, origins, table);
}
SAGITTA_KERNEL(scatter_sorted_f32)

extern "C" __global__ void scatter_sorted_bf16(
    int64_t table_rows, int64_t width, const Bf16* y, const int* bounds, const int* origins,
    Bf16* table) {
  scatter_sorted(table_rows, width, y, bounds, origins, table);
}
SAGITTA_KERNEL(scatter_sorted_bf16)
