// needs sm_90a
// conv2d_grad_weight.cu in bf16 by warpgroups: x and gradY are words. Grid, threads and arguments as
// there; shared memory: the operands' tiles.
#include "conv2d_grad_weight.cuh"
#include "warpgroup_sums.cuh"

template <int rows, int columns>
struct GradientLoader<BF16_GROUPS, rows, columns, true>
    : WordGradientLoader<
          columns, Tiling<BF16_GROUPS, rows, columns>::threads, TermRowTile<columns>> {};

template <int rows, int threads>
struct Patches<BF16_GROUPS, rows, threads, true> {
  typedef PatchLoader<rows / 2, threads, true, TermRowTile<rows>> Type;
};

#define CONV2D_GRAD_WEIGHT_WARPGROUP(rows, columns)                                               \
  extern "C" __global__ void __launch_bounds__((Tiling<BF16_GROUPS, rows, columns>::threads))     \
      conv2d_grad_weight_warpgroup_##rows##x##columns##_bf16(                                     \
          ImageSizes s, const float* x, const float* grad_y, float* parts) {                      \
    conv2d_grad_weight<BF16_GROUPS, rows, columns, true>(s, x, grad_y, parts);                    \
  }                                                                                               \
  SAGITTA_KERNEL(conv2d_grad_weight_warpgroup_##rows##x##columns##_bf16)

CONV2D_GRAD_WEIGHT_WARPGROUP(128, 128)
CONV2D_GRAD_WEIGHT_WARPGROUP(128, 64)
CONV2D_GRAD_WEIGHT_WARPGROUP(64, 64)
