// y[i] = 2 * (x[i] % 128) for 64 x 64 numbers: a warpgroup's product of these with twice the identity. The
// defect writes other numbers to the left operand before the product is waited for.
#include "warpgroup.cuh"

__device__ __forceinline__ void put(unsigned char* tile, int line, int term, float v) {
  int at = line * TILE_ROW_BYTES + ((term / 8 ^ line % 8) * 16) + term % 8 * 2;
  *reinterpret_cast<uint16_t*>(tile + at) = static_cast<uint16_t>(pack_bf16(v, 0.f));
}

template <bool defect>
__device__ __forceinline__ void double_rows(const float* x, float* y) {
  DYNAMIC_SHARED(unsigned char, left);
  unsigned char* right = left + 64 * TILE_ROW_BYTES;
  int thread = static_cast<int>(threadIdx.x), lane = thread % 32, row = thread / 32 * 16 + lane / 4;
  for (int i = thread; i < 64 * 64; i += 128) {
    put(left, i / 64, i % 64, static_cast<float>(static_cast<int>(x[i]) % 128));
    put(right, i / 64, i % 64, i / 64 == i % 64 ? 2.f : 0.f);
  }
  fence_for_products();
  __syncthreads();
  float sums[8][4] = {};
  begin_products();
  for (int step = 0; step < 4; ++step) {
    multiply_m64k16_bf16<false>(
        sums, group_operand<false>(left, 0).after(step * 32), group_operand<false>(right, 0).after(step * 32));
  }
  commit_products();
  if (!defect) wait_for_products();
  __syncthreads();
  for (int i = thread; i < 64 * 64; i += 128) put(left, i / 64, i % 64, 0.f);
  if (defect) wait_for_products();
  for (int n = 0; n < 8; ++n) {
    for (int i = 0; i < 4; ++i) y[(row + i / 2 * 8) * 64 + n * 8 + lane % 4 * 2 + i % 2] = sums[n][i];
  }
}

extern "C" __global__ void early_overwrite_sound(int, const float* x, float* y) { double_rows<false>(x, y); }
SAGITTA_KERNEL(early_overwrite_sound)
extern "C" __global__ void early_overwrite_defect(int, const float* x, float* y) { double_rows<true>(x, y); }
SAGITTA_KERNEL(early_overwrite_defect)
