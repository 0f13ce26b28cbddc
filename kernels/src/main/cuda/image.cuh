// Images as an operand: what a convolution multiplies with its weights, read where it lies.
#pragma once
#include "tile.cuh"

// Sizes of a correlation. Row r of the result is one of `pixels` pixels (image, p, q) of a grid;
// term k is (tap, channel) of one group, tap = (i, j) of the kernel. It reads pixel (p*step +
// start_y + i*tap_step, q*step + start_x + j*tap_step) of the image, zero outside of it. Result
// pixel (p, q) is pixel (p*out_step + out_y, q*out_step + out_x) of the output.
struct ImageSizes {
  int pixels;
  Divisor grid, grid_width;  // pixels of one image's grid, of one row of it
  int height, width, channels;
  Divisor group_channels;
  int depth;  // terms of a group
  Divisor taps_across;
  int step, start_y, start_x, tap_step;
  int group_outputs, out_height, out_width, out_channels, out_step, out_y, out_x;
};

// A pixel of the grid: row p, column q of an image's.
struct GridPixel {
  int image, p, q;
};

__device__ __forceinline__ GridPixel grid_pixel(const ImageSizes& s, int pixel) {
  int image = s.grid.quotient(pixel), within = pixel - image * s.grid.divisor;
  int p = s.grid_width.quotient(within);
  return {image, p, within - p * s.grid_width.divisor};
}

// A term of a group: a channel, met by the tap at row i, column j.
struct TapChannel {
  int i, j, channel;
};

__device__ __forceinline__ TapChannel tap_channel(const ImageSizes& s, int term) {
  int tap = s.group_channels.quotient(term);
  int i = s.taps_across.quotient(tap);
  return {i, tap - i * s.taps_across.divisor, term - tap * s.group_channels.divisor};
}

// The order of a tile of (tap, channel) lines: 16-byte copies along the lines want neighbours.
template <int lines, bool aligned>
struct TileOf {
  typedef TermTile<lines> Type;
};

template <int lines>
struct TileOf<lines, false> {
  typedef LineTile<lines> Type;
};

// 0 <= i < count
__device__ __forceinline__ bool is_below(int i, int count) {
  return static_cast<unsigned>(i) < static_cast<unsigned>(count);
}

// Where a grid pixel's first tap lies: its pixel index, negative in the padding; row and column, 16
// bits each.
struct Corner {
  int origin, place;
};

// The corners of `lines` pixels from `first` on, made by all threads together; a barrier must
// follow. A pixel beyond the last one lies so far outside that none of its taps is inside.
template <int lines, int threads>
__device__ __forceinline__ void find_corners(const ImageSizes& s, int first, Corner* corners) {
  for (int line = threadIdx.x; line < lines; line += threads) {
    int pixel = first + line;
    GridPixel at = grid_pixel(s, pixel);
    int y = pixel < s.pixels ? at.p * s.step + s.start_y : -32768;
    int x = at.q * s.step + s.start_x;
    corners[line].origin = (at.image * s.height + y) * s.width + x;
    uint32_t place = static_cast<uint32_t>(y) << 16 | (static_cast<uint32_t>(x) & 0xffff);
    corners[line].place = static_cast<int>(place);
  }
}

// Starts the copy of 4 elements (aligned) or one, zeros where it is not valid.
template <bool aligned>
__device__ __forceinline__ void copy_to(float* to, const float* from, bool valid) {
  if (aligned) {
    cp_async_16(to, from, valid);
  } else {
    cp_async_4(to, from, valid);
  }
}

// Terms from k on of `lines` pixels from `first` on: aligned, 4 channels (16 bytes) a copy, of one tap
// since groups are multiples of 4 channels; else one channel a copy. `corners` has room for one a line;
// all threads begin together.
template <int lines, int threads, bool aligned>
struct ImageLoader {
  typedef LineTile<lines> Tile;
  const ImageSizes& s;
  const float* image;
  const Corner* corners;

  __device__ __forceinline__ ImageLoader(
      const ImageSizes& s, const float* image, int first, Corner* corners)
      : s(s), image(image), corners(corners) {
    find_corners<lines, threads>(s, first, corners);
    __syncthreads();
  }

  // Calls copy(line, term, channel, offset, valid) for each copy of this thread: `offset` is the
  // element's in the image, 0 where it is not valid.
  template <class Copy>
  __device__ __forceinline__ void each(int k, const Copy& copy) const {
    constexpr int WIDTH = aligned ? 4 : 1;
    constexpr int COPIES = DEPTH / WIDTH;
    int term = threadIdx.x % COPIES * WIDTH;
    TapChannel at = tap_channel(s, k + term);
    int dy = at.i * s.tap_step, dx = at.j * s.tap_step;
    bool inside = k + term < s.depth;
#pragma unroll (aligned ? lines * COPIES / threads : 2)
    for (int n = 0; n < lines * COPIES / threads; ++n) {
      int line = threadIdx.x / COPIES + n * (threads / COPIES);
      Corner corner = corners[line];
      int y = (corner.place >> 16) + dy;
      int x = static_cast<int16_t>(corner.place & 0xffff) + dx;
      bool valid = inside && is_below(y, s.height) && is_below(x, s.width);
      int64_t pixel = corner.origin + dy * s.width + dx;
      copy(line, term, at.channel, valid ? pixel * s.channels + at.channel : 0, valid);
    }
  }

  __device__ __forceinline__ void load(float* tile, int k) const {
    each(k, [&](int line, int term, int, int64_t offset, bool valid) {
      copy_to<aligned>(tile + Tile::at(line, term), image + offset, valid);
    });
  }
};

// The same, aligned, for products that have more registers than time to spare: a thread copies the same
// chunk of the same pixels each time, and so finds out once where they lie and which rows and columns
// of taps, at most MOST_TAPS of each, are inside.
constexpr int MOST_TAPS = 16;

template <int lines, int threads>
struct PixelLoader {
  typedef LineTile<lines> Tile;
  static constexpr int CHUNKS = DEPTH / 4;
  static constexpr int COPIES = lines * CHUNKS / threads;
  const ImageSizes& s;
  const float* corner[COPIES];
  uint32_t inside[COPIES];  // bit i: row i of taps, bit MOST_TAPS + j: column j

  __device__ __forceinline__ PixelLoader(
      const ImageSizes& s, const float* image, int first, Corner*)
      : s(s) {
    int taps_down = s.depth / (s.taps_across.divisor * s.group_channels.divisor);
#pragma unroll
    for (int n = 0; n < COPIES; ++n) {
      int pixel = first + line(n);
      GridPixel at = grid_pixel(s, pixel);
      int y = at.p * s.step + s.start_y, x = at.q * s.step + s.start_x;
      int64_t origin = (static_cast<int64_t>(at.image) * s.height + y) * s.width + x;
      corner[n] = image + origin * s.channels;
      inside[n] = 0;
      if (pixel >= s.pixels) continue;
      for (int i = 0; i < taps_down; ++i) {
        uint32_t valid = is_below(y + i * s.tap_step, s.height);
        inside[n] |= valid << i;
      }
      for (int j = 0; j < s.taps_across.divisor; ++j) {
        uint32_t valid = is_below(x + j * s.tap_step, s.width);
        inside[n] |= valid << (MOST_TAPS + j);
      }
    }
  }

  static __device__ __forceinline__ int line(int n) {
    return threadIdx.x / CHUNKS + n * (threads / CHUNKS);
  }

  // As ImageLoader's, with `offset` from the n-th copy's corner: copy(n, term, channel, offset, valid).
  template <class Copy>
  __device__ __forceinline__ void each_of(int k, const Copy& copy) const {
    int term = threadIdx.x % CHUNKS * 4;
    TapChannel at = tap_channel(s, k + term);
    int offset = (at.i * s.width + at.j) * s.tap_step * s.channels + at.channel;
    bool any = k + term < s.depth;
    uint32_t both = any ? 1u << at.i | 1u << (MOST_TAPS + at.j) : 0;
#pragma unroll
    for (int n = 0; n < COPIES; ++n) {
      copy(n, term, at.channel, offset, any && (inside[n] & both) == both);
    }
  }

  template <class Copy>
  __device__ __forceinline__ void each(int k, const Copy& copy) const {
    each_of(k, [&](int n, int term, int channel, int offset, bool valid) {
      copy(line(n), term, channel, offset, valid);
    });
  }

  __device__ __forceinline__ void load(float* tile, int k) const {
    float* to = tile + Tile::at(line(0), threadIdx.x % CHUNKS * 4);
    each_of(k, [&](int n, int, int, int offset, bool valid) {
      cp_async_16(to + n * Tile::template apart<threads / CHUNKS>(), corner[n] + offset, valid);
    });
  }
};

// For the weights' gradient, where pixels are the terms and lines are `count` pairs (tap, channel)
// from `first` on. Aligned: 4 channels a copy; else one. Of words, all of these count words.
template <
    int lines, int threads, bool aligned, class Order = typename TileOf<lines, aligned>::Type>
struct PatchLoader {
  typedef Order Tile;
  const ImageSizes& s;
  const float* image;
  int first, count;

  // As ImageLoader's.
  template <class Copy>
  __device__ __forceinline__ void each(int k, const Copy& copy) const {
    constexpr int WIDTH = aligned ? 4 : 1;
    constexpr int COPIES = lines / WIDTH;
    constexpr int TERMS = Tile::terms;
    int line = threadIdx.x % COPIES * WIDTH;
    TapChannel at = tap_channel(s, first + line);
    int dy = s.start_y + at.i * s.tap_step, dx = s.start_x + at.j * s.tap_step;
    bool inside = first + line < count;
#pragma unroll (aligned ? TERMS * COPIES / threads : 2)
    for (int n = 0; n < TERMS * COPIES / threads; ++n) {
      int term = threadIdx.x / COPIES + n * (threads / COPIES);
      GridPixel from = grid_pixel(s, k + term);
      int y = from.p * s.step + dy, x = from.q * s.step + dx;
      bool valid = inside && k + term < s.pixels && is_below(y, s.height) && is_below(x, s.width);
      int64_t pixel = (from.image * s.height + y) * s.width + x;
      copy(line, term, at.channel, valid ? pixel * s.channels + at.channel : 0, valid);
    }
  }

  __device__ __forceinline__ void load(float* tile, int k) const {
    each(k, [&](int line, int term, int, int64_t offset, bool valid) {
      copy_to<aligned>(tile + Tile::at(line, term), image + offset, valid);
    });
  }
};
