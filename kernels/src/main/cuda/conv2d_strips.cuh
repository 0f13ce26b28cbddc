// Convolutions with three taps in a row and step 1, of bf16 words: the rows of pixels that a block
// multiplies with a row of taps are copied to shared memory once, as a strip with the pixel before
// and the one after each row, and all three taps read them there. conv2d.cu copies them for each tap,
// and the second-level cache bounds it. Channels come in pieces of DEPTH words; a stage is a piece of a
// strip and the weights of its three taps, two stages at once.
#pragma once
#include "conv2d_statistics.cuh"

constexpr int TAPS = 3;
constexpr int STRIP_STAGES = 2;

// What a block reads: lines of pixels, then columns of each tap's weights.
template <int rows, int columns>
struct Strip {
  typedef LineTile<columns> Weights;
  static constexpr int threads = Tiling<BF16_WORDS, rows, columns>::threads;
  const ImageSizes& s;
  const float* image;
  const float* w;
  const Corner* corners;
  int width, lines, first_column;

  // corners: room for as many as there are lines. A barrier must follow.
  __device__ __forceinline__ Strip(
      const ImageSizes& s, const Part& part, const float* x, const float* w, Corner* corners)
      : s(s),
        image(x + part.group * s.group_channels.divisor),
        w(w + static_cast<int64_t>(part.group) * s.group_outputs * s.depth),
        corners(corners),
        width(s.grid_width.divisor),
        lines(rows / width * (width + TAPS - 1)),
        first_column(part.column) {
    int before = s.start_x + (s.tap_step < 0 ? (TAPS - 1) * s.tap_step : 0);
    for (int line = threadIdx.x; line < lines; line += threads) {
      int row = line / (width + TAPS - 1), x = line - row * (width + TAPS - 1) + before;
      int pixel = part.row + row * width;
      int index = s.grid.quotient(pixel), within = pixel - index * s.grid.divisor;
      int y = pixel < s.pixels ? s.grid_width.quotient(within) + s.start_y : -32768;
      corners[line].origin = (index * s.height + y) * s.width + x;
      uint32_t place = static_cast<uint32_t>(y) << 16 | (static_cast<uint32_t>(x) & 0xffff);
      corners[line].place = static_cast<int>(place);
    }
  }

  // Words of a stage.
  __device__ __forceinline__ int words() const { return (lines + TAPS * columns) * DEPTH; }

  // The strip's line, for tap 0, of a pixel of the block.
  __device__ __forceinline__ int line(int pixel) const {
    return pixel + s.grid_width.quotient(pixel) * (TAPS - 1);
  }

  // How many lines further tap j reads.
  __device__ __forceinline__ int shift(int j) const { return s.tap_step < 0 ? TAPS - 1 - j : j; }

  // Starts the copies for the i-th row of taps and DEPTH words of channels from `channel` on.
  __device__ __forceinline__ void load(float* to, int i, int channel) const {
    int chunk = (threadIdx.x & 7) * 4;
    channel += chunk;
    bool inside = channel < s.group_channels.divisor;
    int dy = i * s.tap_step;
#pragma unroll 4
    for (int line = threadIdx.x / 8; line < lines; line += threads / 8) {
      Corner corner = corners[line];
      int y = (corner.place >> 16) + dy, x = static_cast<int16_t>(corner.place & 0xffff);
      bool valid = inside && is_below(y, s.height) && is_below(x, s.width);
      int64_t pixel = corner.origin + dy * s.width;
      int64_t offset = valid ? pixel * s.channels + channel : 0;
      cp_async_16(to + LineTile<rows>::at(line, chunk), image + offset, valid);
    }
    to += lines * DEPTH;
#pragma unroll
    for (int n = 0; n < TAPS * columns * 8 / threads; ++n) {
      int line = threadIdx.x / 8 + n * (threads / 8);
      int j = line / columns, output = first_column + line % columns;
      bool valid = inside && output < s.group_outputs;
      int64_t term = (i * TAPS + j) * s.group_channels.divisor + channel;
      cp_async_16(
          to + Weights::at(line, chunk),
          w + (valid ? output * static_cast<int64_t>(s.depth) + term : 0), valid);
    }
  }
};

// A warp's sums over strips.
template <int rows, int columns>
struct StripSums : TensorSums<BF16_WORDS, rows, columns, LineTile<rows>, LineTile<columns>> {
  typedef TensorSums<BF16_WORDS, rows, columns, LineTile<rows>, LineTile<columns>> Sums;
  int lines[Sums::M];

  __device__ __forceinline__ void begin(const Strip<rows, columns>& strip) {
    Sums::begin();
#pragma unroll
    for (int m = 0; m < Sums::M; ++m) {
      lines[m] = strip.line(this->row + m * 16 + (threadIdx.x & 15));
    }
  }

  __device__ __forceinline__ void add(const float* pixels, int shift, const float* weights) {
    int half = threadIdx.x >> 4 & 1;
    weights += this->right_offset;
#pragma unroll
    for (int k = 0; k < DEPTH; k += 8) {
      uint32_t a[Sums::M][4];
#pragma unroll
      for (int m = 0; m < Sums::M; ++m) {
        ldmatrix_x4(a[m], pixels + LineTile<rows>::at(lines[m] + shift, k + half * 4));
      }
#pragma unroll
      for (int n = 0; n < Sums::N; n += 2) {
        uint32_t b[4];
        LineTile<columns>::right(b, weights, n * 8, k);
        Sums::multiply_words(this->sums, n, a, b);
      }
    }
  }
};

// The convolution's sums to a sink; `shared` has room for STRIP_STAGES stages.
template <int rows, int columns, class Sink>
__device__ __forceinline__ void convolve_strips(
    const Strip<rows, columns>& strip, Sink& sink, float* shared) {
  const ImageSizes& s = strip.s;
  int channels = s.group_channels.divisor, taps_down = s.depth / (TAPS * channels);
  StripSums<rows, columns> sums;
  sums.begin(strip);
  float* read = shared;
  float* write = shared + strip.words();
  strip.load(read, 0, 0);
  cp_async_commit();
  for (int i = 0; i < taps_down; ++i) {
    for (int channel = 0; channel < channels; channel += DEPTH) {
      cp_async_wait<0>();
      __syncthreads();
      bool next_row = channel + DEPTH >= channels;
      if (!next_row || i + 1 < taps_down) {
        strip.load(write, next_row ? i + 1 : i, next_row ? 0 : channel + DEPTH);
        cp_async_commit();
      }
#pragma unroll
      for (int j = 0; j < TAPS; ++j) {
        sums.add(read, strip.shift(j), read + (strip.lines + j * columns) * DEPTH);
      }
      float* done = read;
      read = write;
      write = done;
    }
  }
  before_sums(sink);
  sums.give(sink);
}
