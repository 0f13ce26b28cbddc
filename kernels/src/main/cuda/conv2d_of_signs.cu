// y = x * w, the images x random signs (signs.cuh) that are never stored: conv2d.cu with a loader
// that makes them. keys: [N, 6]; weights: [2]; w: [O, taps, C/groups], packed; y: [N, P, Q, O].
// Before it sums up, a block makes the bits of all image rows that its pixels read, Philox blocks in
// the order of (image, place); an image has `image_blocks` of them. Any number of channels: one
// element a copy, 64x64 results a block. Shared memory: as conv2d.cu, then a row's first bit, then 32
// bytes a Philox block. y is fp32; paired: as conv2d.cu. Deterministic.
#include "conv2d.cuh"
#include "signs.cuh"

constexpr int SIDE = 64;

// What the bits say that a block reads.
struct SignBits {
  SignWeights weights;
  uint32_t* words;  // v's and u's by turns

  __device__ __forceinline__ float at(uint32_t bit) const {
    const uint32_t* both = words + bit / 32 * 2;
    return weights.sum(both[0], both[1], bit % 32);
  }
};

// The Philox blocks that the pixels from `first` on read, whole rows of images: from `begin` on,
// `count` of them.
struct SignWindow {
  int64_t begin;
  int count;

  __device__ __forceinline__ SignWindow(const ImageSizes& s, int first, int image_blocks) {
    int last = first + SIDE < s.pixels ? first + SIDE - 1 : s.pixels - 1;
    int taps_down = s.depth / (s.taps_across.divisor * s.group_channels.divisor);
    int from = place(s, first, 0), to = place(s, last, taps_down);
    begin = static_cast<int64_t>(s.grid.quotient(first)) * image_blocks + from / SIGNS;
    int64_t end =
        static_cast<int64_t>(s.grid.quotient(last)) * image_blocks + (to + SIGNS - 1) / SIGNS;
    count = static_cast<int>(end - begin);
  }

  // The first element of the image row `down` taps below a pixel's first, inside the image.
  static __device__ __forceinline__ int place(const ImageSizes& s, int pixel, int down) {
    int within = pixel - s.grid.quotient(pixel) * s.grid.divisor;
    int y = s.grid_width.quotient(within) * s.step + s.start_y + down;
    y = y < 0 ? 0 : y > s.height ? s.height : y;
    return y * s.width * s.channels;
  }

  template <int threads>
  __device__ __forceinline__ void make(
      const int* keys, int image_blocks, const SignBits& bits) const {
    int all = bits.weights.streams() * count;
    for (int i = threadIdx.x; i < all; i += threads) {
      int which = i >= count, block = i - which * count;
      int64_t image = (begin + block) / image_blocks;
      PhiloxBlock made = sign_block(keys, image, which, begin + block - image * image_blocks);
      for (int k = 0; k < 4; ++k) bits.words[(4 * block + k) * 2 + which] = made.word[k];
    }
  }
};

// Terms of pixels as ImageLoader's: bit first_bits[line] + offset is that of the element at `offset`
// of all images, modulo 2^32.
template <int threads>
struct SignLoader : ImageLoader<SIDE, threads, false> {
  typedef ImageLoader<SIDE, threads, false> Images;
  typedef typename Images::Tile Tile;
  SignBits bits;
  const uint32_t* first_bits;

  __device__ __forceinline__ SignLoader(
      const ImageSizes& s, int first, Corner* corners, const SignBits& bits,
      const uint32_t* first_bits)
      : Images(s, nullptr, first, corners), bits(bits), first_bits(first_bits) {}

  __device__ __forceinline__ void load(float* tile, int k) const {
    Images::each(k, [&](int line, int term, int, int64_t offset, bool valid) {
      uint32_t bit = first_bits[line] + static_cast<uint32_t>(offset);
      tile[Tile::at(line, term)] = valid ? bits.at(bit) : 0.f;
    });
  }
};

template <int precision>
__device__ __forceinline__ void conv2d_of_signs(
    const ImageSizes& s, const int* keys, const float* weights, int image_blocks, const float* w,
    int paired, float* y) {
  DYNAMIC_SHARED(float, shared);
  constexpr int THREADS = Tiling<precision, SIDE, SIDE>::threads;
  Corner* corners = reinterpret_cast<Corner*>(shared + STAGES * 2 * SIDE * DEPTH);
  uint32_t* first_bits = reinterpret_cast<uint32_t*>(corners + SIDE);
  SignBits bits = {{weights[0], weights[1]}, first_bits + SIDE};
  Part part = part_of_block<SIDE, SIDE>(s);
  SignWindow window(s, part.row, image_blocks);
  window.make<THREADS>(keys, image_blocks, bits);
  for (int line = threadIdx.x; line < SIDE; line += THREADS) {
    int64_t image = s.grid.quotient(part.row + line);
    int64_t elements = static_cast<int64_t>(s.height) * s.width * s.channels;
    int64_t bit = (image * image_blocks - window.begin) * SIGNS - image * elements;
    first_bits[line] = static_cast<uint32_t>(bit + part.group * s.group_channels.divisor);
  }
  // Whose barrier is for the bits too.
  SignLoader<THREADS> left(s, part.row, corners, bits, first_bits);
  auto right = weights_of<precision, SIDE, SIDE, false>(s, part, w);
  ConvolutionSink sink = {
      s, nullptr, nullptr, y, part.row, part.column, part.group * s.group_outputs, false,
      paired != 0, false, 0};
  product<precision, SIDE, SIDE>(left, right, sink, shared, 0, (s.depth + DEPTH - 1) / DEPTH);
}

#define CONV2D_OF_SIGNS(precision, suffix)                                                     \
  extern "C" __global__ void __launch_bounds__((Tiling<precision, SIDE, SIDE>::threads))       \
      conv2d_of_signs_scalar_##suffix(                                                         \
          ImageSizes s, const int* keys, const float* weights, int image_blocks, const float* w, \
          int paired, float* y) {                                                              \
    conv2d_of_signs<precision>(s, keys, weights, image_blocks, w, paired, y);                  \
  }                                                                                            \
  SAGITTA_KERNEL(conv2d_of_signs_scalar_##suffix)

CONV2D_OF_SIGNS(FP32, fp32)
CONV2D_OF_SIGNS(TF32X3, tf32x3)
CONV2D_OF_SIGNS(TF32, tf32)
CONV2D_OF_SIGNS(BF16, bf16)
