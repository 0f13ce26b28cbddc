// Pooling with a square window over x: [batch, height, width, channels]; a maximum's x and y are fp32
// or both bf16.
//
// In every kernel blockIdx.x is a row (n, i) of the result's images and the block's threads, with
// those of blockIdx.y, go along its columns and channels. Shared memory: none. Deterministic, =.
#include "elements.cuh"

namespace {

// The window's members that lie inside: rows [y0, y1), columns [x0, x1).
struct Window {
  int y0, y1, x0, x1;
};

__device__ __forceinline__ Window window_at(
    int oy, int ox, int height, int width, int window, int stride, int padding) {
  int y = oy * stride - padding;
  int x = ox * stride - padding;
  return Window{y < 0 ? 0 : y, y + window < height ? y + window : height, x < 0 ? 0 : x,
                x + window < width ? x + window : width};
}

// y = the maximum of each window, winners = the first place of it in row-major order, as an element
// of x; padding never wins, a NaN does. y, winners: [batch, out_height, out_width, channels].
// One thread an output element. Preconditions: x has less than 2^31 elements.
template <class Element>
__device__ __forceinline__ void maximum(
    int height, int width, int channels, int window, int stride, int padding, int out_height,
    int out_width, const Element* __restrict__ x, Element* __restrict__ y,
    int* __restrict__ winners) {
  int n = static_cast<int>(blockIdx.x) / out_height;
  int oy = static_cast<int>(blockIdx.x) - n * out_height;
  int row = out_width * channels;
  int64_t image = static_cast<int64_t>(n) * height * width * channels;
  for (int j = blockIdx.y * blockDim.x + threadIdx.x; j < row; j += gridDim.y * blockDim.x) {
    int ox = j / channels;
    int c = j - ox * channels;
    Window w = window_at(oy, ox, height, width, window, stride, padding);
    int64_t place = -1;
    float best = 0;
    for (int iy = w.y0; iy < w.y1; iy++) {
      for (int ix = w.x0; ix < w.x1; ix++) {
        int64_t at = image + (static_cast<int64_t>(iy) * width + ix) * channels + c;
        float v = load_1(x + at);
        if (place < 0 || v > best || (v != v && best == best)) {
          place = at;
          best = v;
        }
      }
    }
    int64_t to = static_cast<int64_t>(blockIdx.x) * row + j;
    store_1(y + to, best);
    winners[to] = static_cast<int>(place);
  }
}

}  // namespace

extern "C" __global__ void __launch_bounds__(256) pool_max_f32(
    int height, int width, int channels, int window, int stride, int padding, int out_height,
    int out_width, const float* __restrict__ x, float* __restrict__ y, int* __restrict__ winners) {
  maximum(
      height, width, channels, window, stride, padding, out_height, out_width, x, y, winners);
}
SAGITTA_KERNEL(pool_max_f32)

extern "C" __global__ void __launch_bounds__(256) pool_max_bf16(
    int height, int width, int channels, int window, int stride, int padding, int out_height,
    int out_width, const Bf16* __restrict__ x, Bf16* __restrict__ y, int* __restrict__ winners) {
  maximum(
      height, width, channels, window, stride, padding, out_height, out_width, x, y, winners);
}
SAGITTA_KERNEL(pool_max_bf16)

// y = the mean of each window, padding counted as zeros.
// y: [batch, out_height, out_width, channels]. One thread an output element; sums in float64.
extern "C" __global__ void __launch_bounds__(256) pool_average_f32(
    int height, int width, int channels, int window, int stride, int padding, int out_height,
    int out_width, const float* __restrict__ x, float* __restrict__ y) {
  int n = static_cast<int>(blockIdx.x) / out_height;
  int oy = static_cast<int>(blockIdx.x) - n * out_height;
  int row = out_width * channels;
  double members = static_cast<double>(window) * window;
  int64_t image = static_cast<int64_t>(n) * height * width * channels;
  for (int j = blockIdx.y * blockDim.x + threadIdx.x; j < row; j += gridDim.y * blockDim.x) {
    int ox = j / channels;
    int c = j - ox * channels;
    Window w = window_at(oy, ox, height, width, window, stride, padding);
    double sum = 0;
    for (int iy = w.y0; iy < w.y1; iy++) {
      for (int ix = w.x0; ix < w.x1; ix++) {
        sum += static_cast<double>(
            x[image + (static_cast<int64_t>(iy) * width + ix) * channels + c]);
      }
    }
    y[static_cast<int64_t>(blockIdx.x) * row + j] = static_cast<float>(sum / members);
  }
}
SAGITTA_KERNEL(pool_average_f32)

// grad_x = the mean's adjoint: the sum of grad_y over the windows that hold an element, over the
// window's size. grad_x: [batch, height, width, channels]. One thread an element of it, which
// gathers; sums in float64.
extern "C" __global__ void __launch_bounds__(256) pool_average_grad_f32(
    int height, int width, int channels, int window, int stride, int padding, int out_height,
    int out_width, const float* __restrict__ grad_y, float* __restrict__ grad_x) {
  int n = static_cast<int>(blockIdx.x) / height;
  int bottom = static_cast<int>(blockIdx.x) - n * height + padding;
  int row = width * channels;
  double members = static_cast<double>(window) * window;
  int64_t image = static_cast<int64_t>(n) * out_height * out_width * channels;
  int y0 = bottom < window ? 0 : (bottom - window) / stride + 1;
  int y1 = bottom / stride < out_height ? bottom / stride + 1 : out_height;
  for (int j = blockIdx.y * blockDim.x + threadIdx.x; j < row; j += gridDim.y * blockDim.x) {
    int ix = j / channels;
    int c = j - ix * channels;
    int right = ix + padding;
    int x0 = right < window ? 0 : (right - window) / stride + 1;
    int x1 = right / stride < out_width ? right / stride + 1 : out_width;
    double sum = 0;
    for (int oy = y0; oy < y1; oy++) {
      for (int ox = x0; ox < x1; ox++) {
        sum += static_cast<double>(
            grad_y[image + (static_cast<int64_t>(oy) * out_width + ox) * channels + c]);
      }
    }
    grad_x[static_cast<int64_t>(blockIdx.x) * row + j] = static_cast<float>(sum / members);
  }
}
SAGITTA_KERNEL(pool_average_grad_f32)
