// y: [rows, width], random signs or sums of two as signs.cuh says, with weights[0] and weights[1].
// blockIdx.y is a row, with the grid as stride, and blockIdx.x its 4096 elements from 4096 *
// blockIdx.x on: 32 threads a stream make Philox blocks, then all write, neighbours side by side.
// Shared memory: 1024 bytes. Deterministic, =.
#include "signs.cuh"

constexpr int kBlocks = 32;

extern "C" __global__ void __launch_bounds__(256) rademacher_f32(
    int rows, int64_t width, const int* keys, const float* weights, float* __restrict__ y) {
  __shared__ uint32_t words[2][4 * kBlocks];
  int t = static_cast<int>(threadIdx.x);
  SignWeights by = {weights[0], weights[1]};
  int64_t from = static_cast<int64_t>(blockIdx.x) * (SIGNS * kBlocks);
  int n = width - from < SIGNS * kBlocks ? static_cast<int>(width - from) : SIGNS * kBlocks;
  for (int64_t row = blockIdx.y; row < rows; row += gridDim.y) {
    if (t < by.streams() * kBlocks) {
      int which = t / kBlocks, block = t % kBlocks;
      PhiloxBlock made = sign_block(keys, row, which, blockIdx.x * uint64_t{kBlocks} + block);
      for (int k = 0; k < 4; k++) words[which][4 * block + k] = made.word[k];
    }
    __syncthreads();
    float* to = y + row * width + from;
    for (int e = t; e < n; e += static_cast<int>(blockDim.x)) {
      to[e] = by.sum(words[0][e / 32], words[1][e / 32], e % 32);
    }
    __syncthreads();
  }
}
SAGITTA_KERNEL(rademacher_f32)
