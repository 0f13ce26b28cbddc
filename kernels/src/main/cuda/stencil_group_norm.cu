// How group normalisation changes over a central difference, from how x does: from the odd and even
// parts o, e of x, less their means over the group, those of (x - mean) / sqrt(variance + epsilon) *
// gamma. With c = x - mean, r = 1 / sqrt(variance + epsilon), u+- = r^2 (2 mean(c d+-) + mean(d+-^2)),
// d+- = e/2 +- o, and rho = 1 / sqrt(1 + u) - 1:
//   o' = gamma r (o (1 + A/2) + (c/2 + e/4) B),  e' = gamma r (e (1 + A/2) + o B + c A),
// A = rho+ + rho-, B = rho+ - rho-.
//
// x, odd, even and results: [samples, rows, channels], even may be null for zeros; statistics:
// [samples, 2, groups]. Block (n, j) has sample n and channels j * width and the following `width`,
// whole groups of them: thread t has channel t % lanes of these, lanes = min(width, 256), where width
// is greater also every lanes-th on, and every (256 / lanes)-th row. Sums in double, in an order that
// the sizes fix, factors too. Shared: 16 KiB. Deterministic.
#include "device.cuh"

namespace {

constexpr int kThreads = 256;

// Sums over a group; the first three of x - mean, o and e as they are.
enum { kC, kO, kE, kCO, kOO, kCE, kOE, kEE, kSums };

// Where a group's thread 0 leaves what the others want, in the place of the sums.
enum { kMeanO, kMeanE, kStraight, kCrossed, kBent };

// 1 / sqrt(1 + u) - 1.
__device__ __forceinline__ double growth(double u) {
  double root = sqrt(1.0 + u);
  return -u / (root * (1.0 + root));
}

// Turns the sums at `at`, one every kThreads, into means and factors.
__device__ __forceinline__ void finish(
    double* at, double count, double variance, double epsilon) {
  double c = at[kC * kThreads] / count;
  double o = at[kO * kThreads] / count;
  double e = at[kE * kThreads] / count;
  double co = at[kCO * kThreads] / count - c * o;
  double oo = at[kOO * kThreads] / count - o * o;
  double ce = at[kCE * kThreads] / count - c * e;
  double oe = at[kOE * kThreads] / count - o * e;
  double ee = at[kEE * kThreads] / count - e * e;
  double inverse = 1.0 / sqrt(variance + epsilon);
  double square = inverse * inverse;
  double same = square * (ce + oo + 0.25 * ee);
  double opposite = square * (2.0 * co + oe);
  double above = same + opposite;
  double below = same - opposite;
  double least = epsilon * square - 1.0;  // no variance is negative
  above = growth(above < least ? least : above);
  below = growth(below < least ? least : below);
  at[kMeanO * kThreads] = o;
  at[kMeanE * kThreads] = e;
  at[kStraight * kThreads] = inverse * (1.0 + 0.5 * (above + below));
  at[kCrossed * kThreads] = inverse * (above - below);
  at[kBent * kThreads] = inverse * (above + below);
}

}  // namespace

extern "C" __global__ void __launch_bounds__(256) stencil_group_norm_f32(
    int64_t rows, int channels, int groups, int width, const float* __restrict__ x,
    const float* __restrict__ statistics, const float* __restrict__ gamma,
    const float* __restrict__ odd, const float* __restrict__ even, float* __restrict__ odd_y,
    float* __restrict__ even_y, double epsilon) {
  __shared__ double shared[kSums * kThreads];
  int lanes = width < kThreads ? width : kThreads;
  int t = static_cast<int>(threadIdx.x);
  int lane = t % lanes;
  int first_row = t / lanes;
  int step = kThreads / lanes;
  int first = static_cast<int>(blockIdx.y) * width + lane;
  int end = static_cast<int>(blockIdx.y + 1) * width;
  end = first_row >= step ? 0 : end < channels ? end : channels;
  int group_channels = channels / groups;
  int64_t base = blockIdx.x * rows * channels;

  double sums[kSums] = {0};
  for (int channel = first; channel < end; channel += lanes) {
    int64_t at_group = 2 * static_cast<int64_t>(blockIdx.x) * groups + channel / group_channels;
    float mean = statistics[at_group];
#pragma unroll 4
    for (int64_t r = first_row; r < rows; r += step) {
      int64_t at = base + r * channels + channel;
      double c = static_cast<double>(x[at] - mean);
      double o = static_cast<double>(odd[at]);
      sums[kC] += c;
      sums[kO] += o;
      sums[kCO] = fma(c, o, sums[kCO]);
      sums[kOO] = fma(o, o, sums[kOO]);
      if (even != nullptr) {
        double e = static_cast<double>(even[at]);
        sums[kE] += e;
        sums[kCE] = fma(c, e, sums[kCE]);
        sums[kOE] = fma(o, e, sums[kOE]);
        sums[kEE] = fma(e, e, sums[kEE]);
      }
    }
  }

  // A group's threads are its members in turn, and their sums lie one after the other.
  int span = group_channels < lanes ? group_channels : lanes;
  int members = span * step;
  int member = first_row * span + lane % span;
  double* leader = shared + lane / span * members;
  double* own = leader + member;
  bool active = first_row < step;
  if (active) {
#pragma unroll
    for (int k = 0; k < kSums; k++) own[k * kThreads] = sums[k];
  }
  for (int half = kThreads / 2; half > 0; half /= 2) {
    __syncthreads();
    if (active && member < half && member + half < members) {
#pragma unroll
      for (int k = 0; k < kSums; k++) own[k * kThreads] += own[k * kThreads + half];
    }
  }
  if (first < end && member == 0) {
    int64_t at_group = 2 * static_cast<int64_t>(blockIdx.x) * groups + first / group_channels;
    double count = static_cast<double>(rows) * group_channels;
    finish(leader, count, static_cast<double>(statistics[at_group + groups]), epsilon);
  }
  __syncthreads();

  for (int channel = first; channel < end; channel += lanes) {
    int64_t at_group = 2 * static_cast<int64_t>(blockIdx.x) * groups + channel / group_channels;
    float mean = statistics[at_group];
    float mean_o = static_cast<float>(leader[kMeanO * kThreads]);
    float mean_e = static_cast<float>(leader[kMeanE * kThreads]);
    double scale = static_cast<double>(gamma[channel]);
    float straight = static_cast<float>(scale * leader[kStraight * kThreads]);
    float crossed = static_cast<float>(scale * leader[kCrossed * kThreads]);
    float bent = static_cast<float>(scale * leader[kBent * kThreads]);
#pragma unroll 4
    for (int64_t r = first_row; r < rows; r += step) {
      int64_t at = base + r * channels + channel;
      float c = x[at] - mean;
      float o = odd[at] - mean_o;
      float e = even == nullptr ? 0.0f : even[at] - mean_e;
      float between = __fmaf_rn(0.25f, e, 0.5f * c);
      odd_y[at] = __fmaf_rn(between, crossed, o * straight);
      even_y[at] = __fmaf_rn(e, straight, __fmaf_rn(o, crossed, c * bent));
    }
  }
}
SAGITTA_KERNEL(stencil_group_norm_f32)
