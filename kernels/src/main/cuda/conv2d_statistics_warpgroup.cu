// needs sm_90a
// conv2d_statistics.cu in bf16 by warpgroups: x and w are words. Grid, threads and arguments as there;
// shared memory: the operands' tiles.
#include "conv2d_statistics.cuh"
#include "warpgroup_sums.cuh"

#define CONV2D_STATISTICS_WARPGROUP(rows, columns)                                                \
  extern "C" __global__ void __launch_bounds__((Tiling<BF16_GROUPS, rows, columns>::threads))     \
      conv2d_statistics_warpgroup_##rows##x##columns##_bf16(                                      \
          ImageSizes s, const float* x, const float* w, int paired, int bf16, void* y,            \
          double* partial) {                                                                      \
    conv2d_statistics<BF16_GROUPS, rows, columns, true>(s, x, w, paired, bf16, y, partial);       \
  }                                                                                               \
  SAGITTA_KERNEL(conv2d_statistics_warpgroup_##rows##x##columns##_bf16)

CONV2D_STATISTICS_WARPGROUP(128, 128)
CONV2D_STATISTICS_WARPGROUP(128, 64)
CONV2D_STATISTICS_WARPGROUP(64, 64)
