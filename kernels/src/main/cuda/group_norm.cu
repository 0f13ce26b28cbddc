// Group normalisation of x: [samples, rows, channels], channels the fastest; group k of `groups` has
// channels / groups neighbours.
//
// In the kernels over x, block (n, j, p) has sample n, channels j * lanes and the following (`lanes`,
// a power of two, at most 32), and the p-th `part` rows: thread t has channel t % lanes of these and
// every (256 / lanes)-th row. Reductions have all rows in one block. Shared: 4 KiB in these.
// Deterministic, =.
#include "batch_norm.cuh"

namespace {

// What a thread works on: rows `row`, `row + step`, ... below `end` of the sample's channel.
struct Column {
  int channel;
  int group;
  int step;
  int64_t row;
  int64_t end;
  int64_t base;
  bool inside;
};

__device__ __forceinline__ Column column(
    int64_t rows, int channels, int groups, int lanes, int64_t part) {
  Column c;
  int t = static_cast<int>(threadIdx.x);
  c.channel = static_cast<int>(blockIdx.y) * lanes + (t & (lanes - 1));
  c.inside = c.channel < channels;
  c.group = c.channel / (channels / groups);
  c.step = kThreads / lanes;
  int64_t first = blockIdx.z * part;
  c.row = first + t / lanes;
  c.end = first + part < rows ? first + part : rows;
  c.base = blockIdx.x * rows * channels + c.channel;
  return c;
}

__device__ __forceinline__ float inverse_deviation(float variance, float epsilon) {
  return 1.0f / sqrtf(variance + epsilon);
}

}  // namespace

// partial = mean of each channel of a sample, and the sum of squared deviations from it: [samples, 2,
// channels] float64. Sums run in float64 over x less its first row, so that nothing cancels. rows > 0.
extern "C" __global__ void __launch_bounds__(256) group_norm_statistics_part_f32(
    int64_t rows, int channels, int groups, int lanes, const float* x, double* partial) {
  __shared__ double shared[2 * kThreads];
  Column c = column(rows, channels, groups, lanes, rows);
  double sum[1] = {0};
  double squares[1] = {0};
  float shift = c.inside ? x[c.base] : 0.f;
  if (c.inside) {
#pragma unroll 4
    for (int64_t r = c.row; r < c.end; r += c.step) {
      double d = static_cast<double>(x[c.base + r * channels]) - static_cast<double>(shift);
      sum[0] += d;
      squares[0] = fma(d, d, squares[0]);
    }
  }
  fold<1>(sum, squares, lanes, shared);
  if (c.inside && static_cast<int>(threadIdx.x) < lanes) {
    double off = sum[0] / static_cast<double>(rows);
    double deviation = squares[0] - off * sum[0];
    double* to = partial + 2 * static_cast<int64_t>(blockIdx.x) * channels + c.channel;
    to[0] = static_cast<double>(shift) + off;
    to[channels] = deviation < 0 ? 0 : deviation;
  }
}
SAGITTA_KERNEL(group_norm_statistics_part_f32)

// statistics = mean and biased variance, [samples, 2, groups], of a group's channels together: the
// mean of means, and every channel's deviations and its mean's from that (Chan, Golub, LeVeque 1979).
// One thread a group. Shared: none.
extern "C" __global__ void __launch_bounds__(256) group_norm_statistics_finish_f32(
    int64_t samples, int64_t rows, int channels, int groups, const double* partial,
    float* statistics) {
  int64_t i = static_cast<int64_t>(blockIdx.x) * blockDim.x + threadIdx.x;
  if (i >= samples * groups) return;
  int width = channels / groups;
  int64_t n = i / groups;
  int group = static_cast<int>(i % groups);
  const double* means = partial + 2 * n * channels + group * width;
  double mean = 0;
  for (int k = 0; k < width; k++) mean += means[k];
  mean /= width;
  double squares = 0;
  for (int k = 0; k < width; k++) {
    double off = means[k] - mean;
    squares += fma(static_cast<double>(rows) * off, off, means[channels + k]);
  }
  float* to = statistics + 2 * n * groups + group;
  to[0] = static_cast<float>(mean);
  to[groups] = static_cast<float>(squares / (static_cast<double>(rows) * width));
}
SAGITTA_KERNEL(group_norm_statistics_finish_f32)

// y = act((x - mean) / sqrt(variance + epsilon) * gamma + beta + residual), act a rectifier where
// relu; residual: the shape of x, or null. Shared: none.
extern "C" __global__ void __launch_bounds__(256) group_norm_apply_f32(
    int64_t rows, int channels, int groups, int lanes, int64_t part, const float* x,
    const float* statistics, const float* gamma, const float* beta, const float* residual, float* y,
    float epsilon, int relu) {
  Column c = column(rows, channels, groups, lanes, part);
  if (!c.inside) return;
  const float* of_sample = statistics + 2 * static_cast<int64_t>(blockIdx.x) * groups + c.group;
  float mean = of_sample[0];
  float scale = gamma[c.channel] * inverse_deviation(of_sample[groups], epsilon);
  float shift = beta[c.channel];
#pragma unroll 4
  for (int64_t r = c.row; r < c.end; r += c.step) {
    int64_t at = c.base + r * channels;
    float v = __fmaf_rn(x[at] - mean, scale, shift);
    if (residual != nullptr) v += residual[at];
    y[at] = relu && v < 0 ? 0.0f : v;
  }
}
SAGITTA_KERNEL(group_norm_apply_f32)

// sums = of each sample and channel, those of g and of g * xhat: [samples, 2, channels], g = grad, or
// where y is given grad where y > 0.
extern "C" __global__ void __launch_bounds__(256) group_norm_sums_f32(
    int64_t rows, int channels, int groups, int lanes, const float* x, const float* statistics,
    const float* grad, const float* y, float* sums, double epsilon) {
  __shared__ double shared[2 * kThreads];
  Column c = column(rows, channels, groups, lanes, rows);
  double plain[1] = {0};
  double weighted[1] = {0};
  const float* of_sample = statistics + 2 * static_cast<int64_t>(blockIdx.x) * groups + c.group;
  if (c.inside) {
    float mean = of_sample[0];
#pragma unroll 4
    for (int64_t r = c.row; r < c.end; r += c.step) {
      int64_t at = c.base + r * channels;
      double g = y == nullptr || y[at] > 0 ? static_cast<double>(grad[at]) : 0.0;
      plain[0] += g;
      weighted[0] = fma(g, static_cast<double>(x[at] - mean), weighted[0]);
    }
  }
  fold<1>(plain, weighted, lanes, shared);
  if (c.inside && static_cast<int>(threadIdx.x) < lanes) {
    double deviation = sqrt(static_cast<double>(of_sample[groups]) + epsilon);
    float* to = sums + 2 * static_cast<int64_t>(blockIdx.x) * channels + c.channel;
    to[0] = static_cast<float>(plain[0]);
    to[channels] = static_cast<float>(weighted[0] / deviation);
  }
}
SAGITTA_KERNEL(group_norm_sums_f32)

// means = of each group of a sample, those of gamma * g and of gamma * g * xhat: [samples, 2, groups],
// from sums: [samples, 2, channels]. One thread a group. Shared: none.
extern "C" __global__ void __launch_bounds__(256) group_norm_means_f32(
    int64_t samples, int64_t rows, int channels, int groups, const float* gamma, const float* sums,
    float* means) {
  int64_t i = static_cast<int64_t>(blockIdx.x) * blockDim.x + threadIdx.x;
  if (i >= samples * groups) return;
  int width = channels / groups;
  int64_t n = i / groups;
  int group = static_cast<int>(i % groups);
  double plain = 0;
  double weighted = 0;
  for (int c = group * width; c < (group + 1) * width; c++) {
    const float* at = sums + 2 * n * channels + c;
    plain = fma(static_cast<double>(gamma[c]), static_cast<double>(at[0]), plain);
    weighted = fma(static_cast<double>(gamma[c]), static_cast<double>(at[channels]), weighted);
  }
  double count = static_cast<double>(rows) * width;
  float* to = means + 2 * n * groups + group;
  to[0] = static_cast<float>(plain / count);
  to[groups] = static_cast<float>(weighted / count);
}
SAGITTA_KERNEL(group_norm_means_f32)

// grad_x = (gamma * g - means[0] - xhat * means[1]) / sqrt(variance + epsilon), with g as above.
// Shared: none.
extern "C" __global__ void __launch_bounds__(256) group_norm_grad_input_f32(
    int64_t rows, int channels, int groups, int lanes, int64_t part, const float* x,
    const float* statistics, const float* gamma, const float* grad, const float* y,
    const float* means, float* grad_x, float epsilon) {
  Column c = column(rows, channels, groups, lanes, part);
  if (!c.inside) return;
  int64_t at_group = 2 * static_cast<int64_t>(blockIdx.x) * groups + c.group;
  float mean = statistics[at_group];
  float inverse = inverse_deviation(statistics[at_group + groups], epsilon);
  float of_gradient = gamma[c.channel] * inverse;
  float of_input = -means[at_group + groups] * inverse * inverse;
  float constant = -means[at_group] * inverse;
#pragma unroll 4
  for (int64_t r = c.row; r < c.end; r += c.step) {
    int64_t at = c.base + r * channels;
    float open = y == nullptr || y[at] > 0 ? grad[at] : 0.0f;
    float rest = __fmaf_rn(x[at] - mean, of_input, constant);
    grad_x[at] = __fmaf_rn(open, of_gradient, rest);
  }
}
SAGITTA_KERNEL(group_norm_grad_input_f32)
