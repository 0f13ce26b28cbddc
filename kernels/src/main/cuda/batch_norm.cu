// Batch normalisation of x: [rows, channels], channels the fastest.
//
// Kernels that read images share the work as batch_norm.cuh says, V channels a thread: 1, or 4 where
// channels is a multiple of 4 and every image begins at 4 of its elements. x, y, residual, grad and
// grad_x are fp32 or, in kernels called _bf16, all bf16; everything else is fp32.
#include "batch_norm.cuh"
#include "reduce.cuh"

namespace {

__device__ __forceinline__ float inverse_deviation(float variance, float epsilon) {
  return 1.0f / sqrtf(variance + epsilon);
}

// Which gradients a rectifier lets through: those where its output y is positive. y is read where it
// is given, has_y; computed again, to the same bits, where beta is; and without either there is no
// rectifier.
template <class Element, bool has_y>
struct Gate {
  const Element* y;
  const float* gamma;
  const float* beta;
  float epsilon;

  // What is_open wants of a channel.
  __device__ __forceinline__ float scale(float variance, int c) const {
    if (has_y || beta == nullptr) return 0.f;
    float of_channel = gamma[c];
    return of_channel * inverse_deviation(variance, epsilon);
  }

  __device__ __forceinline__ float shift(int c) const {
    return has_y || beta == nullptr ? 0.f : beta[c];
  }

  // off: x less the mean; output: y's element, looked at only where y is given.
  __device__ __forceinline__ bool is_open(
      float off, const float& output, float scale, float shift) const {
    if constexpr (has_y) return output > 0;
    return beta == nullptr || __fmaf_rn(off, scale, shift) > 0;
  }
};

// use(gate) with the Gate that is asked for: one that knows whether it has y takes fewer registers.
template <class Element, class Use>
__device__ __forceinline__ void with_gate(
    const Element* y, const float* gamma, const float* beta, float epsilon, const Use& use) {
  if (y != nullptr) {
    use(Gate<Element, true>{y, gamma, beta, epsilon});
  } else {
    use(Gate<Element, false>{y, gamma, beta, epsilon});
  }
}

// partial[p] = means of the p-th `part` rows, then their sums of squared deviations from them:
// partial: [parts, 2, channels] float64. Sums run in float64 over x less the part's first row, so
// that nothing cancels. Shared: 4 KiB a V. Preconditions: rows > 0. Deterministic, =.
template <int V, class Element>
__device__ __forceinline__ void statistics_part(
    int64_t rows, int channels, int lanes, int64_t part, const Element* __restrict__ x,
    double* __restrict__ partial, double* shared) {
  Share s = share<V>(rows, channels, lanes, part);
  double sum[V] = {};
  double squares[V] = {};
  float shift[V] = {};
  if (s.inside) {
    load<V>(shift, x + s.first * channels + s.channel);
    Rows<V, Element> own(s, channels);
    typename Rows<V, Element>::Taken x_rows;
    auto take = [&] { own.take(x_rows, x); };
    own.each(take, [&](int i, int64_t) {
      float v[V];
      x_rows.unpack(i, v);
#pragma unroll
      for (int k = 0; k < V; k++) {
        double d = static_cast<double>(v[k]) - static_cast<double>(shift[k]);
        sum[k] += d;
        squares[k] = fma(d, d, squares[k]);
      }
    });
  }
  fold<V>(sum, squares, lanes, shared);
  if (s.inside && static_cast<int>(threadIdx.x) < lanes) {
    double count = static_cast<double>(s.end - s.first);
    double* means = partial + 2 * static_cast<int64_t>(blockIdx.x) * channels + s.channel;
#pragma unroll
    for (int k = 0; k < V; k++) {
      double off = sum[k] / count;
      double deviation = squares[k] - off * sum[k];
      means[k] = static_cast<double>(shift[k]) + off;
      means[channels + k] = deviation < 0 ? 0 : deviation;
    }
  }
}

// partial[p] = sums of g and of g * (x - mean) over the p-th `part` rows, g = grad where the
// rectifier is open, see Gate: partial: [parts, 2, channels] float64. Shared: 4 KiB a V,
// and 1.5 KiB. Deterministic, =.
template <int V, class Element, bool has_y>
__device__ __forceinline__ void sums_part(
    int64_t rows, int channels, int lanes, int64_t part, const Element* __restrict__ x,
    const float* __restrict__ statistics, const Element* __restrict__ grad,
    const Gate<Element, has_y> gate, double* __restrict__ partial, double* shared) {
  __shared__ __align__(16) float numbers[3][kMostChannels];
  Share s = share<V>(rows, channels, lanes, part);
  Rows<V, Element> own(s, channels);
  typename Rows<V, Element>::Taken x_rows, grad_rows, y_rows;
  auto take = [&] {
    own.take(x_rows, x);
    own.take(grad_rows, grad);
    if (has_y) own.take(y_rows, gate.y);
  };
  for_channels<V>(channels, lanes, [&](int c, int t) {
    numbers[0][t] = statistics[c];
    numbers[2][t] = gate.shift(c);
    numbers[1][t] = gate.scale(statistics[channels + c], c);
  });
  float mean[V], scale[V], shift[V];
  load<V>(mean, numbers[0] + own_channel<V>(lanes));
  load<V>(scale, numbers[1] + own_channel<V>(lanes));
  load<V>(shift, numbers[2] + own_channel<V>(lanes));
  double plain[V] = {};
  double weighted[V] = {};
  own.each(take, [&](int i, int64_t) {
    float v[V], g[V], y[V];
    x_rows.unpack(i, v);
    grad_rows.unpack(i, g);
    if (has_y) y_rows.unpack(i, y);
#pragma unroll
    for (int k = 0; k < V; k++) {
      float off = v[k] - mean[k];
      bool open = gate.is_open(off, y[k], scale[k], shift[k]);
      double let = static_cast<double>(open ? g[k] : 0.0f);
      plain[k] += let;
      weighted[k] = fma(let, static_cast<double>(off), weighted[k]);
    }
  });
  fold<V>(plain, weighted, lanes, shared);
  if (s.inside && static_cast<int>(threadIdx.x) < lanes) {
    double* to = partial + 2 * static_cast<int64_t>(blockIdx.x) * channels + s.channel;
#pragma unroll
    for (int k = 0; k < V; k++) {
      to[k] = plain[k];
      to[channels + k] = weighted[k];
    }
  }
}

// y = act((x - mean) / sqrt(variance + epsilon) * gamma + beta + residual), act a rectifier where
// relu; residual: [rows, channels] or null. Shared: 1.5 KiB. Deterministic, =.
template <int V, class Element>
__device__ __forceinline__ void apply(
    int64_t rows, int channels, int lanes, int64_t part, const Element* __restrict__ x,
    const float* __restrict__ statistics, const float* __restrict__ gamma,
    const float* __restrict__ beta, const Element* __restrict__ residual,
    Element* __restrict__ y, float epsilon, int relu) {
  __shared__ __align__(16) float numbers[3][kMostChannels];
  Share s = share<V>(rows, channels, lanes, part);
  Rows<V, Element> own(s, channels);
  typename Rows<V, Element>::Taken x_rows, residual_rows;
  auto take = [&] {
    own.take(x_rows, x);
    if (residual != nullptr) own.take(residual_rows, residual);
  };
  for_channels<V>(channels, lanes, [&](int c, int t) {
    float of_channel = gamma[c];
    numbers[0][t] = statistics[c];
    numbers[2][t] = beta[c];
    numbers[1][t] = of_channel * inverse_deviation(statistics[channels + c], epsilon);
  });
  float mean[V], scale[V], shift[V];
  load<V>(mean, numbers[0] + own_channel<V>(lanes));
  load<V>(scale, numbers[1] + own_channel<V>(lanes));
  load<V>(shift, numbers[2] + own_channel<V>(lanes));
  own.each(take, [&](int i, int64_t at) {
    float v[V], added[V];
    x_rows.unpack(i, v);
    if (residual != nullptr) residual_rows.unpack(i, added);
#pragma unroll
    for (int k = 0; k < V; k++) {
      v[k] = __fmaf_rn(v[k] - mean[k], scale[k], shift[k]);
      if (residual != nullptr) v[k] += added[k];
      if (relu) v[k] = v[k] < 0 ? 0.0f : v[k];
    }
    store<V>(y + at, v);
  });
}

// grad_x = gamma / sqrt(variance + epsilon) * (g - sums[0] / rows - xhat * sums[1] / rows), with
// g as above and xhat = (x - mean) / sqrt(variance + epsilon). Shared: 2.5 KiB. Deterministic, =.
template <int V, class Element, bool has_y>
__device__ __forceinline__ void grad_input(
    int64_t rows, int channels, int lanes, int64_t part, const Element* __restrict__ x,
    const float* __restrict__ statistics, const float* __restrict__ gamma,
    const Element* __restrict__ grad, const Gate<Element, has_y> gate,
    const float* __restrict__ sums, Element* __restrict__ grad_x, float epsilon) {
  __shared__ __align__(16) float numbers[5][kMostChannels];
  Share s = share<V>(rows, channels, lanes, part);
  Rows<V, Element> own(s, channels);
  typename Rows<V, Element>::Taken x_rows, grad_rows, y_rows;
  auto take = [&] {
    own.take(x_rows, x);
    own.take(grad_rows, grad);
    if (has_y) own.take(y_rows, gate.y);
  };
  for_channels<V>(channels, lanes, [&](int c, int t) {
    float plain = sums[c], weighted = sums[channels + c], of_channel = gamma[c];
    float count = static_cast<float>(rows);
    numbers[0][t] = statistics[c];
    numbers[4][t] = gate.shift(c);
    float inverse = inverse_deviation(statistics[channels + c], epsilon);
    float of_gradient = of_channel * inverse;
    numbers[1][t] = of_gradient;
    numbers[2][t] = -of_gradient * inverse * (weighted / count);
    numbers[3][t] = -of_gradient * (plain / count);
  });
  float mean[V], of_gradient[V], of_input[V], constant[V], shift[V];
  load<V>(mean, numbers[0] + own_channel<V>(lanes));
  load<V>(of_gradient, numbers[1] + own_channel<V>(lanes));
  load<V>(of_input, numbers[2] + own_channel<V>(lanes));
  load<V>(constant, numbers[3] + own_channel<V>(lanes));
  load<V>(shift, numbers[4] + own_channel<V>(lanes));
  own.each(take, [&](int i, int64_t at) {
    float v[V], g[V], y[V];
    x_rows.unpack(i, v);
    grad_rows.unpack(i, g);
    if (has_y) y_rows.unpack(i, y);
#pragma unroll
    for (int k = 0; k < V; k++) {
      float off = v[k] - mean[k];
      float open = gate.is_open(off, y[k], of_gradient[k], shift[k]) ? g[k] : 0.0f;
      float rest = __fmaf_rn(off, of_input[k], constant[k]);
      v[k] = __fmaf_rn(open, of_gradient[k], rest);
    }
    store<V>(grad_x + at, v);
  });
}

}  // namespace

// y and beta may be null, see Gate. Four blocks to a multiprocessor hide memory's latency; the
// statistics have them without being told.
#define BATCH_NORM(form, V, Element)                                                               \
  extern "C" __global__ void __launch_bounds__(256) batch_norm_statistics_part_##form(             \
      int64_t rows, int channels, int lanes, int64_t part, const Element* x, double* partial) {    \
    __shared__ double shared[2 * V * kThreads];                                                    \
    statistics_part<V>(rows, channels, lanes, part, x, partial, shared);                           \
  }                                                                                                \
  SAGITTA_KERNEL(batch_norm_statistics_part_##form)                                                \
  extern "C" __global__ void __launch_bounds__(256, 4) batch_norm_apply_##form(                    \
      int64_t rows, int channels, int lanes, int64_t part, const Element* x,                       \
      const float* statistics, const float* gamma, const float* beta, const Element* residual,     \
      Element* y, float epsilon, int relu) {                                                       \
    apply<V>(                                                                                      \
        rows, channels, lanes, part, x, statistics, gamma, beta, residual, y, epsilon, relu);      \
  }                                                                                                \
  SAGITTA_KERNEL(batch_norm_apply_##form)                                                          \
  extern "C" __global__ void __launch_bounds__(256, 4) batch_norm_sums_part_##form(                \
      int64_t rows, int channels, int lanes, int64_t part, const Element* x,                       \
      const float* statistics, const Element* grad, const Element* y, const float* gamma,          \
      const float* beta, double* partial, float epsilon) {                                         \
    __shared__ double shared[2 * V * kThreads];                                                    \
    with_gate(y, gamma, beta, epsilon, [&](const auto& gate) {                                     \
      sums_part<V>(rows, channels, lanes, part, x, statistics, grad, gate, partial, shared);       \
    });                                                                                            \
  }                                                                                                \
  SAGITTA_KERNEL(batch_norm_sums_part_##form)                                                      \
  extern "C" __global__ void __launch_bounds__(256, 4) batch_norm_grad_input_##form(               \
      int64_t rows, int channels, int lanes, int64_t part, const Element* x,                       \
      const float* statistics, const float* gamma, const Element* grad, const Element* y,          \
      const float* beta, const float* sums, Element* grad_x, float epsilon) {                      \
    with_gate(y, gamma, beta, epsilon, [&](const auto& gate) {                                     \
      grad_input<V>(                                                                               \
          rows, channels, lanes, part, x, statistics, gamma, grad, gate, sums, grad_x, epsilon);   \
    });                                                                                            \
  }                                                                                                \
  SAGITTA_KERNEL(batch_norm_grad_input_##form)

BATCH_NORM(f32, 1, float)
BATCH_NORM(four_f32, 4, float)
BATCH_NORM(bf16, 1, Bf16)
BATCH_NORM(four_bf16, 4, Bf16)

// What follows has few blocks. Told that two of them are enough for a multiprocessor, the compiler
// keeps the loads of a whole unrolled loop under way; otherwise it spares registers and waits.

// statistics = mean, biased variance, [2, channels], of the parts together: with m the mean of a part
// less that of the first, so that nothing cancels, the mean of means, and the sum of every part's
// deviations and count * m * m less that of the mean; NaN where there are no rows.
// A block has one channel, a thread every 256th part. Shared: 64 bytes. Deterministic, =.
extern "C" __global__ void __launch_bounds__(256, 2) batch_norm_statistics_finish_f32(
    int64_t rows, int channels, int parts, int64_t part, const double* partial, float* statistics) {
  __shared__ double shared[kThreads / 32];
  int c = static_cast<int>(blockIdx.x);
  double first = parts == 0 ? 0 : partial[c];
  double sum = 0;
  double squares = 0;
#pragma unroll 8
  for (int p = static_cast<int>(threadIdx.x); p < parts; p += kThreads) {
    double count = static_cast<double>(p < parts - 1 ? part : rows - p * part);
    const double* at = partial + 2 * static_cast<int64_t>(p) * channels + c;
    double off = at[0] - first;
    sum = fma(count, off, sum);
    squares += fma(count * off, off, at[channels]);
  }
  sum = block_reduce<Add>(sum, shared);
  squares = block_reduce<Add>(squares, shared);
  if (threadIdx.x == 0) {
    double off = sum / static_cast<double>(rows);
    double variance = (squares - off * sum) / static_cast<double>(rows);
    statistics[c] = static_cast<float>(first + off);
    statistics[channels + c] = static_cast<float>(variance < 0 ? 0 : variance);
  }
}
SAGITTA_KERNEL(batch_norm_statistics_finish_f32)

// running_mean = keep * running_mean + share * mean, and with variance_share of variances. One thread a
// channel. Deterministic.
extern "C" __global__ void __launch_bounds__(256) batch_norm_move_statistics_f32(
    int channels, const float* mean, const float* variance, float share, float variance_share,
    float keep, float* running_mean, float* running_variance) {
  int c = static_cast<int>(blockIdx.x * blockDim.x + threadIdx.x);
  if (c >= channels) return;
  running_mean[c] = fmaf(share, mean[c], keep * running_mean[c]);
  running_variance[c] = fmaf(variance_share, variance[c], keep * running_variance[c]);
}
SAGITTA_KERNEL(batch_norm_move_statistics_f32)

// coefficients = mean, gamma / sqrt(variance + epsilon), beta, [3, channels]: what batch_norm_apply
// makes of the same numbers, to the bit. One thread a channel. Deterministic, =.
extern "C" __global__ void __launch_bounds__(256) batch_norm_coefficients_f32(
    int channels, const float* statistics, const float* gamma, const float* beta,
    float* coefficients, float epsilon) {
  int c = static_cast<int>(blockIdx.x * blockDim.x + threadIdx.x);
  if (c >= channels) return;
  coefficients[c] = statistics[c];
  coefficients[channels + c] = gamma[c] * inverse_deviation(statistics[channels + c], epsilon);
  coefficients[2 * channels + c] = beta[c];
}
SAGITTA_KERNEL(batch_norm_coefficients_f32)

// sums[0] = sum of the parts' first, sums[1] = that of their second over sqrt(variance + epsilon);
// zero where there are no rows. A block has one channel, a thread every 256th part.
// Shared: 64 bytes. Deterministic, =.
extern "C" __global__ void __launch_bounds__(256, 2) batch_norm_sums_finish_f32(
    int channels, int parts, const double* partial, const float* statistics, double epsilon,
    float* sums) {
  __shared__ double shared[kThreads / 32];
  int c = static_cast<int>(blockIdx.x);
  double deviation = sqrt(static_cast<double>(statistics[channels + c]) + epsilon);
  double plain = 0;
  double weighted = 0;
#pragma unroll 4
  for (int p = static_cast<int>(threadIdx.x); p < parts; p += kThreads) {
    const double* at = partial + 2 * static_cast<int64_t>(p) * channels + c;
    plain += at[0];
    weighted += at[channels];
  }
  plain = block_reduce<Add>(plain, shared);
  weighted = block_reduce<Add>(weighted, shared);
  if (threadIdx.x == 0) {
    sums[c] = static_cast<float>(plain);
    sums[channels + c] = parts == 0 ? 0.0f : static_cast<float>(weighted / deviation);
  }
}
SAGITTA_KERNEL(batch_norm_sums_finish_f32)
