// Rows of x: [rows, columns], m the greatest element of a row and s = Σ exp(x - m):
//   softmax             y[r, c] = exp(x - m) / s; y may be x
//   softmax_dual        the same, and along dx: dy[r, c] = y (dx - sum y dx)
//   stencil_softmax     odd and even part of its central difference from those of x, with p = softmax at
//                       x; even may be null for zeros. exp(e/2 +- o) = 1 + q +- r, Q and R the means of q
//                       and r by p, D = (1 + Q)^2 - R^2, the product of the means of exp(e/2 +- o):
//                       o' = p ((r - R)(1 + Q) - (q - Q) R) / D and e' = 2 p ((q - Q)(1 + Q) -
//                       (r - R) R) / D, where nothing cancels
//   log_sum_exp         y[r] = m + log s
//   cross_entropy       y[r] = (m - x[r, label]) + log s; where that is 0 + log s, from s - 1
//   cross_entropy_grad  y[r, c] = weight[r] * (exp(x - m) / s - [c == label]), the label's as a sum
// warp: a warp owns a row, grid-stride, for short rows; block: a block of 256 threads does; a
// thread takes every 32nd or 256th element.  Shared: 32 bytes in block.  0 <= labels[r] < columns.
// Deterministic.
#include "team.cuh"

struct Moments {
  float greatest, sum;
};

template <class Team>
__device__ __forceinline__ float greatest_of(const Team& team, const float* row, int64_t columns) {
  float greatest = Max::identity();
  for (int64_t c = team.thread(); c < columns; c += team.threads()) {
    greatest = Max::of(greatest, row[c]);
  }
  return team.template reduce<Max>(greatest);
}

template <class Team>
__device__ __forceinline__ Moments moments(const Team& team, const float* row, int64_t columns) {
  float greatest = greatest_of(team, row, columns);
  float sum = 0.0f;
  for (int64_t c = team.thread(); c < columns; c += team.threads()) sum += expf(row[c] - greatest);
  return {greatest, team.template reduce<Add>(sum)};
}

template <class Team>
__device__ __forceinline__ void softmax(
    const Team& team, int64_t rows, int64_t columns, const float* x, float* y) {
  for (int64_t r = team.first_row(); r < rows; r += team.row_step()) {
    const float* row = x + r * columns;
    Moments m = moments(team, row, columns);
    for (int64_t c = team.thread(); c < columns; c += team.threads()) {
      y[r * columns + c] = expf(row[c] - m.greatest) / m.sum;
    }
  }
}

template <class Team>
__device__ __forceinline__ void softmax_dual(
    const Team& team, int64_t rows, int64_t columns, const float* x, const float* dx, float* y,
    float* dy) {
  for (int64_t r = team.first_row(); r < rows; r += team.row_step()) {
    const float* row = x + r * columns;
    Moments m = moments(team, row, columns);
    float mean = 0.0f;
    for (int64_t c = team.thread(); c < columns; c += team.threads()) {
      mean += expf(row[c] - m.greatest) / m.sum * dx[r * columns + c];
    }
    mean = team.template reduce<Add>(mean);
    for (int64_t c = team.thread(); c < columns; c += team.threads()) {
      float probability = expf(row[c] - m.greatest) / m.sum;
      y[r * columns + c] = probability;
      dy[r * columns + c] = probability * (dx[r * columns + c] - mean);
    }
  }
}

// q and r stand in the results until their means are known.
template <class Team>
__device__ __forceinline__ void stencil_softmax(
    const Team& team, int64_t rows, int64_t columns, const float* p, const float* odd,
    const float* even, float* odd_y, float* even_y) {
  for (int64_t r = team.first_row(); r < rows; r += team.row_step()) {
    float mean_q = 0.0f;
    float mean_r = 0.0f;
    float above = 0.0f;
    float below = 0.0f;
    for (int64_t c = team.thread(); c < columns; c += team.threads()) {
      int64_t at = r * columns + c;
      float half_even = even == nullptr ? 0.0f : 0.5f * even[at];
      float half = expm1f(0.5f * odd[at]);
      float sinh_half = 0.5f * (half + half / (1.0f + half));
      float cosh = 2.0f * sinh_half * sinh_half;  // less 1
      float sinh = 2.0f * sinh_half * sqrtf(fmaf(sinh_half, sinh_half, 1.0f));
      float m = even == nullptr ? 0.0f : expm1f(half_even);
      float q = cosh + fmaf(cosh, m, m);
      sinh = fmaf(sinh, m, sinh);
      mean_q = fmaf(p[at], q, mean_q);
      mean_r = fmaf(p[at], sinh, mean_r);
      above = fmaf(p[at], expf(half_even + odd[at]), above);
      below = fmaf(p[at], expf(half_even - odd[at]), below);
      odd_y[at] = sinh;
      even_y[at] = q;
    }
    mean_q = team.template reduce<Add>(mean_q);
    mean_r = team.template reduce<Add>(mean_r);
    above = team.template reduce<Add>(above);
    below = team.template reduce<Add>(below);
    float one = 1.0f + mean_q;
    float inverse = 1.0f / (above * below);
    for (int64_t c = team.thread(); c < columns; c += team.threads()) {
      int64_t at = r * columns + c;
      float a = even_y[at] - mean_q;
      float b = odd_y[at] - mean_r;
      float scale = p[at] * inverse;
      odd_y[at] = scale * fmaf(b, one, -a * mean_r);
      even_y[at] = 2.0f * scale * fmaf(a, one, -b * mean_r);
    }
  }
}

template <class Team>
__device__ __forceinline__ void log_sum_exp(
    const Team& team, int64_t rows, int64_t columns, const float* x, float* y) {
  for (int64_t r = team.first_row(); r < rows; r += team.row_step()) {
    Moments m = moments(team, x + r * columns, columns);
    if (team.thread() == 0) y[r] = m.greatest + logf(m.sum);
  }
}

template <class Team>
__device__ __forceinline__ void cross_entropy(
    const Team& team, int64_t rows, int64_t columns, const float* x, const int* labels, float* y) {
  for (int64_t r = team.first_row(); r < rows; r += team.row_step()) {
    const float* row = x + r * columns;
    float greatest = greatest_of(team, row, columns);
    int label = labels[r];
    float others = 0.0f;
    for (int64_t c = team.thread(); c < columns; c += team.threads()) {
      if (c != label) others += expf(row[c] - greatest);
    }
    others = team.template reduce<Add>(others);
    if (team.thread() == 0) {
      float own = row[label];
      y[r] = own == greatest ? log1pf(others)
                             : (greatest - own) + logf(others + expf(own - greatest));
    }
  }
}

template <class Team>
__device__ __forceinline__ void cross_entropy_grad(
    const Team& team, int64_t rows, int64_t columns, const float* x, const int* labels,
    const float* weight, float* y) {
  for (int64_t r = team.first_row(); r < rows; r += team.row_step()) {
    const float* row = x + r * columns;
    Moments m = moments(team, row, columns);
    float w = weight[r];
    int label = labels[r];
    float others = 0.0f;  // 1 - p of the label, which near 1 has few digits itself
    for (int64_t c = team.thread(); c < columns; c += team.threads()) {
      if (c == label) continue;
      float probability = expf(row[c] - m.greatest) / m.sum;
      others += probability;
      y[r * columns + c] = w * probability;
    }
    others = team.template reduce<Add>(others);
    if (team.thread() == 0) y[r * columns + label] = -w * others;
  }
}

WARP_AND_BLOCK(
    softmax, (int64_t rows, int64_t columns, const float* x, float* y), rows, columns, x, y)
WARP_AND_BLOCK(
    softmax_dual,
    (int64_t rows, int64_t columns, const float* x, const float* dx, float* y, float* dy), rows,
    columns, x, dx, y, dy)
WARP_AND_BLOCK(
    stencil_softmax,
    (int64_t rows, int64_t columns, const float* p, const float* odd, const float* even,
     float* odd_y, float* even_y),
    rows, columns, p, odd, even, odd_y, even_y)
WARP_AND_BLOCK(
    log_sum_exp, (int64_t rows, int64_t columns, const float* x, float* y), rows, columns, x, y)
WARP_AND_BLOCK(
    cross_entropy, (int64_t rows, int64_t columns, const float* x, const int* labels, float* y),
    rows, columns, x, labels, y)
WARP_AND_BLOCK(
    cross_entropy_grad,
    (int64_t rows, int64_t columns, const float* x, const int* labels, const float* weight,
     float* y),
    rows, columns, x, labels, weight, y)
