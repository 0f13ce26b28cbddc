// y = x * w as conv2d.cu, with the statistics of each slice of y's rows, of the numbers as they are
// stored, see conv2d_statistics.cuh. conv2d_statistics_<rows>x<columns>: channels of a group are
// multiples of 4, pointers of 16 bytes, in bf16 words; conv2d_statistics_scalar: 64x64, x and w fp32,
// no such condition. Grid, threads, shared memory, `paired` and `bf16` as conv2d.cu. Deterministic.
#include "conv2d_statistics.cuh"

// `blocks` on a multiprocessor at least, 0 for as many as the compiler likes: it likes five of the
// scalar ones so much that it would spill for them.
#define CONV2D_STATISTICS(name, precision, rows, columns, aligned, blocks)                      \
  extern "C" __global__ void                                                                    \
      __launch_bounds__((Tiling<precision, rows, columns>::threads), blocks)                    \
      name(ImageSizes s, const float* x, const float* w, int paired, int bf16, void* y,         \
           double* partial) {                                                                   \
    conv2d_statistics<precision, rows, columns, aligned>(s, x, w, paired, bf16, y, partial);                \
  }                                                                                             \
  SAGITTA_KERNEL(name)

#define CONV2D_STATISTICS_ALL(aligned, scalar, suffix)                                 \
  CONV2D_STATISTICS(conv2d_statistics_128x128_##suffix, aligned, 128, 128, true, 0)     \
  CONV2D_STATISTICS(conv2d_statistics_128x64_##suffix, aligned, 128, 64, true, 0)       \
  CONV2D_STATISTICS(conv2d_statistics_64x64_##suffix, aligned, 64, 64, true, 0)         \
  CONV2D_STATISTICS(conv2d_statistics_scalar_##suffix, scalar, 64, 64, false, 4)

CONV2D_STATISTICS_ALL(FP32, FP32, fp32)
CONV2D_STATISTICS_ALL(TF32X3, TF32X3, tf32x3)
CONV2D_STATISTICS_ALL(TF32, TF32, tf32)
CONV2D_STATISTICS_ALL(BF16_WORDS, BF16, bf16)
