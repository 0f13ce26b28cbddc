// c[b] = op(a[b]) op(b[b]), row-major: op(a) [m, k], op(b) [k, n], c [m, n]; a is stored [m, k] or,
// transposed, [k, m], b [k, n] or [n, k]. A block sums rows x columns elements of one matrix over
// one of `splits` equal parts of k; with several parts c is [splits, batch, m, n] and
// matmul_sum_f32 adds them in order. Threads and shared memory as product.cuh.
// matmul_<letters>_<precision>: 128x128 tiles, 16-byte copies, so rows in memory are multiples of
// 16 bytes; letters say transposed (t) or not (n). paired: n is even and c aligned to 8 bytes.
// matmul_scalar_<precision>: 64x64 tiles, no such condition. Deterministic.
#include "matrix.cuh"
#include "product.cuh"

struct MatmulSizes {
  int batch, m, n, k, splits, transpose_a, transpose_b, paired;
};

// Which part of the work is a block's: blockIdx.x counts columns, then rows, parts of k, matrices.
struct MatmulBlock {
  int column, row, from, to;
  int64_t matrix, part;

  __device__ __forceinline__ MatmulBlock(const MatmulSizes& s, int rows, int columns) {
    int across = (s.n - 1) / columns + 1, down = (s.m - 1) / rows + 1;
    int tiles = (s.k - 1) / DEPTH + 1;
    int block = blockIdx.x;
    column = block % across * columns;
    block /= across;
    row = block % down * rows;
    block /= down;
    int split = block % s.splits;
    matrix = block / s.splits;
    part = split * static_cast<int64_t>(s.batch) + matrix;
    from = static_cast<int>(static_cast<int64_t>(tiles) * split / s.splits);
    to = static_cast<int>(static_cast<int64_t>(tiles) * (split + 1) / s.splits);
  }
};

template <int precision, int rows, int columns, class A, class B>
__device__ __forceinline__ void matmul(
    const MatmulSizes& s, const MatmulBlock& block, const A& a, const B& b, float* c) {
  DYNAMIC_SHARED(float, shared);
  MatrixSink sink = {
      c + block.part * s.m * s.n, block.row, block.column, s.m, s.n, s.paired != 0, nullptr};
  product<precision, rows, columns>(a, b, sink, shared, block.from, block.to);
}

template <int precision, template <int, int> class A, template <int, int> class B>
__device__ __forceinline__ void matmul_aligned(
    const MatmulSizes& s, const float* a, const float* b, float* c) {
  constexpr int THREADS = Tiling<precision, 128, 128>::threads;
  MatmulBlock block(s, 128, 128);
  A<128, THREADS> left = {
      a + block.matrix * s.m * s.k, s.transpose_a ? s.m : s.k, block.row, s.m, s.k};
  B<128, THREADS> right = {
      b + block.matrix * s.n * s.k, s.transpose_b ? s.k : s.n, block.column, s.n, s.k};
  matmul<precision, 128, 128>(s, block, left, right, c);
}

template <int precision>
__device__ __forceinline__ void matmul_scalar(
    const MatmulSizes& s, const float* a, const float* b, float* c) {
  constexpr int THREADS = Tiling<precision, 64, 64>::threads;
  MatmulBlock block(s, 64, 64);
  ScalarLoader<64, THREADS> left = {
      a + block.matrix * s.m * s.k, s.transpose_a ? 1 : s.k, s.transpose_a ? s.m : 1,
      block.row, s.m, s.k};
  ScalarLoader<64, THREADS> right = {
      b + block.matrix * s.n * s.k, s.transpose_b ? s.k : 1, s.transpose_b ? 1 : s.n,
      block.column, s.n, s.k};
  matmul<precision, 64, 64>(s, block, left, right, c);
}

#define MATMUL(name, precision, size, body)                                                       \
  extern "C" __global__ void __launch_bounds__((Tiling<precision, size, size>::threads))          \
      name(int batch, int m, int n, int k, int splits, int transpose_a, int transpose_b,          \
           int paired, const float* a, const float* b, float* c) {                                \
    MatmulSizes s = {batch, m, n, k, splits, transpose_a, transpose_b, paired};                   \
    body(s, a, b, c);                                                                             \
  }                                                                                               \
  SAGITTA_KERNEL(name)

#define MATMULS(precision, suffix)                                                                \
  MATMUL(matmul_nn_##suffix, precision, 128, (matmul_aligned<precision, LineLoader, TermLoader>)) \
  MATMUL(matmul_nt_##suffix, precision, 128, (matmul_aligned<precision, LineLoader, LineLoader>)) \
  MATMUL(matmul_tn_##suffix, precision, 128, (matmul_aligned<precision, TermLoader, TermLoader>)) \
  MATMUL(matmul_tt_##suffix, precision, 128, (matmul_aligned<precision, TermLoader, LineLoader>)) \
  MATMUL(matmul_scalar_##suffix, precision, 64, (matmul_scalar<precision>))

MATMULS(FP32, fp32)
MATMULS(TF32X3, tf32x3)
MATMULS(TF32, tf32)
MATMULS(BF16, bf16)

// c = sum of parts.  parts: [splits, count], c: [count]; zeros where there are no parts.  One
// thread an element, grid-stride; adds in float64, in order.
extern "C" __global__ void matmul_sum_f32(int64_t count, int splits, const float* parts, float* c) {
  int64_t step = static_cast<int64_t>(gridDim.x) * blockDim.x;
  int64_t first = static_cast<int64_t>(blockIdx.x) * blockDim.x + threadIdx.x;
  for (int64_t i = first; i < count; i += step) {
    double sum = 0;
    for (int s = 0; s < splits; ++s) sum += parts[s * count + i];
    c[i] = static_cast<float>(sum);
  }
}
SAGITTA_KERNEL(matmul_sum_f32)
