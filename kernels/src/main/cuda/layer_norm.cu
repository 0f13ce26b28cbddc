// Layer normalisation of the rows of x: [rows, columns]. With xhat = (x - mean) / sqrt(variance +
// epsilon) of each row and its Jacobian J u = (u - mean(u) - xhat mean(xhat u)) / sqrt(variance +
// epsilon), which is symmetric:
//   layer_norm                y = xhat * gamma + beta; both null: xhat
//   layer_norm_statistics     [rows, 2]: mean, variance
//   layer_norm_jacobian       y = after * J (before * t), both [columns] or null for ones
//   layer_norm_jacobian_dual  y = J u, u = before * t, and along dx and dt, du = before * dt: dy = J du -
//                             (mean(xhat dx) J u + mean(xhat u) J dx + mean(u J dx) xhat) / sqrt(..)
// A warp owns a short row, a block a long one; a thread takes every 32nd or 256th element.
// Shared: 32 bytes in block.  columns > 0.  Deterministic.
#include "team.cuh"

// How a row is normalised. `left` is what the mean has lost in rounding.
struct Normal {
  float mean, left, variance, inverse;

  __device__ __forceinline__ float of(float x) const { return (x - mean - left) * inverse; }
};

template <class Team>
__device__ __forceinline__ Normal normal_of(
    const Team& team, const float* row, int64_t columns, float epsilon) {
  float count = static_cast<float>(columns);
  float sum = 0.0f;
  for (int64_t c = team.thread(); c < columns; c += team.threads()) sum += row[c];
  Normal normal;
  normal.mean = team.template reduce<Add>(sum) / count;
  float left = 0.0f;
  float squares = 0.0f;
  for (int64_t c = team.thread(); c < columns; c += team.threads()) {
    float d = row[c] - normal.mean;
    left += d;
    squares = fmaf(d, d, squares);
  }
  normal.left = team.template reduce<Add>(left) / count;
  squares = team.template reduce<Add>(squares) / count;
  normal.variance = fmaxf(fmaf(-normal.left, normal.left, squares), 0.0f);
  normal.inverse = 1.0f / sqrtf(normal.variance + epsilon);
  return normal;
}

// Rounded each time that it is made: where a compiler contracted it with the subtraction of a mean, the
// mean's own rounding would be left of rows that cancel, as those of one number.
__device__ __forceinline__ float times(const float* scale, int64_t column, float value) {
  return scale == nullptr ? value : __fmul_rn(scale[column], value);
}

template <class Team>
__device__ __forceinline__ void layer_norm(
    const Team& team, int64_t rows, int64_t columns, const float* x, const float* gamma,
    const float* beta, float* y, float epsilon) {
  for (int64_t r = team.first_row(); r < rows; r += team.row_step()) {
    const float* row = x + r * columns;
    Normal normal = normal_of(team, row, columns, epsilon);
    for (int64_t c = team.thread(); c < columns; c += team.threads()) {
      float value = normal.of(row[c]);
      y[r * columns + c] = gamma == nullptr ? value : fmaf(value, gamma[c], beta[c]);
    }
  }
}

template <class Team>
__device__ __forceinline__ void layer_norm_statistics(
    const Team& team, int64_t rows, int64_t columns, const float* x, float* statistics) {
  for (int64_t r = team.first_row(); r < rows; r += team.row_step()) {
    Normal normal = normal_of(team, x + r * columns, columns, 0.0f);
    if (team.thread() == 0) {
      statistics[2 * r] = normal.mean + normal.left;
      statistics[2 * r + 1] = normal.variance;
    }
  }
}

template <class Team>
__device__ __forceinline__ void layer_norm_jacobian(
    const Team& team, int64_t rows, int64_t columns, const float* x, const float* before,
    const float* after, const float* t, float* y, float epsilon) {
  float count = static_cast<float>(columns);
  for (int64_t r = team.first_row(); r < rows; r += team.row_step()) {
    const float* row = x + r * columns;
    Normal normal = normal_of(team, row, columns, epsilon);
    float mean = 0.0f;
    float along = 0.0f;
    for (int64_t c = team.thread(); c < columns; c += team.threads()) {
      float u = times(before, c, t[r * columns + c]);
      mean += u;
      along = fmaf(normal.of(row[c]), u, along);
    }
    mean = team.template reduce<Add>(mean) / count;
    along = team.template reduce<Add>(along) / count;
    for (int64_t c = team.thread(); c < columns; c += team.threads()) {
      float u = times(before, c, t[r * columns + c]);
      float product = fmaf(-along, normal.of(row[c]), u - mean) * normal.inverse;
      y[r * columns + c] = times(after, c, product);
    }
  }
}

template <class Team>
__device__ __forceinline__ void layer_norm_jacobian_dual(
    const Team& team, int64_t rows, int64_t columns, const float* x, const float* dx,
    const float* before, const float* t, const float* dt, float* y, float* dy, float epsilon) {
  float count = static_cast<float>(columns);
  for (int64_t r = team.first_row(); r < rows; r += team.row_step()) {
    const float* row = x + r * columns;
    Normal normal = normal_of(team, row, columns, epsilon);
    // Means of u, du and d, and of their products with xhat.
    float mean_u = 0.0f, mean_du = 0.0f, mean_d = 0.0f;
    float along_u = 0.0f, along_du = 0.0f, along_d = 0.0f;
    for (int64_t c = team.thread(); c < columns; c += team.threads()) {
      int64_t at = r * columns + c;
      float xhat = normal.of(row[c]);
      float u = times(before, c, t[at]);
      float du = times(before, c, dt[at]);
      mean_u += u;
      mean_du += du;
      mean_d += dx[at];
      along_u = fmaf(xhat, u, along_u);
      along_du = fmaf(xhat, du, along_du);
      along_d = fmaf(xhat, dx[at], along_d);
    }
    mean_u = team.template reduce<Add>(mean_u) / count;
    mean_du = team.template reduce<Add>(mean_du) / count;
    mean_d = team.template reduce<Add>(mean_d) / count;
    along_u = team.template reduce<Add>(along_u) / count;
    along_du = team.template reduce<Add>(along_du) / count;
    along_d = team.template reduce<Add>(along_d) / count;
    float across = 0.0f;
    for (int64_t c = team.thread(); c < columns; c += team.threads()) {
      int64_t at = r * columns + c;
      float moved = fmaf(-along_d, normal.of(row[c]), dx[at] - mean_d) * normal.inverse;
      across = fmaf(times(before, c, t[at]), moved, across);
    }
    across = team.template reduce<Add>(across) / count;
    for (int64_t c = team.thread(); c < columns; c += team.threads()) {
      int64_t at = r * columns + c;
      float xhat = normal.of(row[c]);
      float u = times(before, c, t[at]);
      float du = times(before, c, dt[at]);
      float moved = fmaf(-along_d, xhat, dx[at] - mean_d) * normal.inverse;
      float product = fmaf(-along_u, xhat, u - mean_u) * normal.inverse;
      float bend = fmaf(along_d, product, fmaf(along_u, moved, across * xhat));
      y[at] = product;
      dy[at] = (fmaf(-along_du, xhat, du - mean_du) - bend) * normal.inverse;
    }
  }
}

WARP_AND_BLOCK(
    layer_norm,
    (int64_t rows, int64_t columns, const float* x, const float* gamma, const float* beta, float* y,
     float epsilon),
    rows, columns, x, gamma, beta, y, epsilon)
WARP_AND_BLOCK(
    layer_norm_statistics, (int64_t rows, int64_t columns, const float* x, float* statistics), rows,
    columns, x, statistics)
WARP_AND_BLOCK(
    layer_norm_jacobian,
    (int64_t rows, int64_t columns, const float* x, const float* before, const float* after,
     const float* t, float* y, float epsilon),
    rows, columns, x, before, after, t, y, epsilon)
WARP_AND_BLOCK(
    layer_norm_jacobian_dual,
    (int64_t rows, int64_t columns, const float* x, const float* dx, const float* before,
     const float* t, const float* dt, float* y, float* dy, float epsilon),
    rows, columns, x, dx, before, t, dt, y, dy, epsilon)
