// y[r, e] = +1 where bit e % 32 of word (e / 32) % 4 of Philox block e / 128 of stream streams[r]
// is set, else -1.  y: [rows, width].  blockIdx.y is a row and blockIdx.x its 4096 elements from
// 4096 * blockIdx.x on: 32 threads make 32 Philox blocks, then all write, neighbours side by side.
// Shared memory: 512 bytes. Deterministic, =.
#include "philox.cuh"

constexpr int kRows = 256;
constexpr int kBlocks = 32;

struct RademacherStreams {
  uint64_t of[kRows];
};

extern "C" __global__ void __launch_bounds__(256) rademacher_f32(
    RademacherStreams streams, uint64_t seed, int64_t width, float* __restrict__ y) {
  __shared__ uint32_t words[4 * kBlocks];
  int t = static_cast<int>(threadIdx.x);
  int64_t from = static_cast<int64_t>(blockIdx.x) * (128 * kBlocks);
  if (t < kBlocks) {
    PhiloxBlock made = philox(seed, streams.of[blockIdx.y], blockIdx.x * uint64_t{kBlocks} + t);
    for (int k = 0; k < 4; k++) words[4 * t + k] = made.word[k];
  }
  __syncthreads();
  int n = width - from < 128 * kBlocks ? static_cast<int>(width - from) : 128 * kBlocks;
  float* to = y + blockIdx.y * width + from;
  for (int e = t; e < n; e += static_cast<int>(blockDim.x)) {
    to[e] = (words[e / 32] >> (e % 32)) & 1u ? 1.0f : -1.0f;
  }
}
SAGITTA_KERNEL(rademacher_f32)
