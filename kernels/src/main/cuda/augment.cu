// y[b, i, j, c] = table[c, pixel]: the image draws[b, 0] moved by (draws[b, 1], draws[b, 2]),
// mirrored left to right where draws[b, 3], and normalised: pixel (i + dy, j' + dx), with
// j' = width - 1 - j where mirrored, and 0 outside the image.
// images: bytes [n, height, width, channels]; table: [channels, 256]; draws: [batch, 4];
// y: [batch, height, width, channels]. blockIdx.x is a row (b, i), the threads go along its columns
// and channels. Shared memory: none. Deterministic, =.
#include "device.cuh"

extern "C" __global__ void __launch_bounds__(256) crop_flip_f32(
    int height, int width, int channels, const unsigned char* __restrict__ images,
    const float* __restrict__ table, const int* __restrict__ draws, float* __restrict__ y) {
  int b = static_cast<int>(blockIdx.x) / height;
  int source_y = static_cast<int>(blockIdx.x) - b * height + draws[4 * b + 1];
  int shift = draws[4 * b + 2];
  bool flip = draws[4 * b + 3] != 0;
  bool row_inside = source_y >= 0 && source_y < height;
  int row = width * channels;
  int64_t from = (static_cast<int64_t>(draws[4 * b]) * height + source_y) * row;
  float* to = y + static_cast<int64_t>(blockIdx.x) * row;
  for (int e = threadIdx.x; e < row; e += blockDim.x) {
    int j = e / channels;
    int c = e - j * channels;
    int source_x = (flip ? width - 1 - j : j) + shift;
    bool inside = row_inside && source_x >= 0 && source_x < width;
    to[e] = table[256 * c + (inside ? images[from + source_x * channels + c] : 0)];
  }
}
SAGITTA_KERNEL(crop_flip_f32)
