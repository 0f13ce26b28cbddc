// How the cross-entropy l of a row of logits x changes over a central difference, l(x+d) + l(x-d) -
// 2 l(x), from how the logits do: log1p(sum p expm1(e/2 + o)) + log1p(sum p expm1(e/2 - o)) -
// e[label], p = softmax(x), all in double.  x, odd, even: [rows, columns], even may be null for
// zeros; y: [rows, 2], the nearest float and what is left.  0 <= labels[r] < columns.
// A warp owns a row, grid-stride; a lane takes every 32nd element.  No shared memory.
// Deterministic.
#include "grid.cuh"
#include "reduce.cuh"

extern "C" __global__ void stencil_cross_entropy_f32(
    int64_t rows, int64_t columns, const float* x, const float* odd, const float* even,
    const int* labels, float* y) {
  int lane = threadIdx.x % 32;
  for (int64_t r = grid_thread() / 32; r < rows; r += grid_threads() / 32) {
    const float* row = x + r * columns;
    const float* o = odd + r * columns;
    const float* e = even ? even + r * columns : nullptr;
    float greatest = Max::identity();
    for (int64_t c = lane; c < columns; c += 32) greatest = Max::of(greatest, row[c]);
    greatest = warp_reduce<Max>(greatest);
    double sum = 0.0, above = 0.0, below = 0.0;
    for (int64_t c = lane; c < columns; c += 32) {
      double weight = exp(static_cast<double>(row[c]) - greatest);
      double half = e ? 0.5 * e[c] : 0.0;
      sum += weight;
      above += weight * expm1(half + o[c]);
      below += weight * expm1(half - o[c]);
    }
    sum = warp_reduce<Add>(sum);
    above = warp_reduce<Add>(above) / sum;
    below = warp_reduce<Add>(below) / sum;
    if (lane == 0) {
      double difference = log1p(above) + log1p(below) - (e ? e[labels[r]] : 0.f);
      y[2 * r] = static_cast<float>(difference);
      y[2 * r + 1] = static_cast<float>(difference - static_cast<float>(difference));
    }
  }
}
SAGITTA_KERNEL(stencil_cross_entropy_f32)
