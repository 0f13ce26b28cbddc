// One step of stochastic gradient descent over many tensors, in place, as PyTorch defines it:
//   g = gradient + decay * weight;  velocity = momentum * velocity + g;
//   weight -= rate * (nesterov ? g + momentum * velocity : velocity).
// A block has 4096 neighbouring elements of one tensor, found by its number among the tensors'
// first blocks; a thread takes four at a time where the tensor's arrays begin at 16 bytes.
// Shared memory: none. Deterministic.
#include "device.cuh"

constexpr int kTensors = 64;
constexpr int kChunk = 4096;

// Addresses, elements, and the number of the first block of each; the first `count` are used.
struct SgdTensors {
  int64_t weight[kTensors];
  int64_t gradient[kTensors];
  int64_t velocity[kTensors];
  int64_t elements[kTensors];
  int64_t first_block[kTensors];
};

namespace {

__device__ __forceinline__ void step(
    float& w, float g, float& v, float rate, float momentum, float decay, int nesterov) {
  g = __fmaf_rn(decay, w, g);
  v = __fmaf_rn(momentum, v, g);
  w = __fmaf_rn(-rate, nesterov ? __fmaf_rn(momentum, v, g) : v, w);
}

}  // namespace

extern "C" __global__ void __launch_bounds__(256) sgd_f32(
    SgdTensors tensors, int count, float rate, float momentum, float decay, int nesterov) {
  int low = 0;
  int high = count;
  while (high - low > 1) {
    int middle = (low + high) / 2;
    if (tensors.first_block[middle] <= static_cast<int64_t>(blockIdx.x)) {
      low = middle;
    } else {
      high = middle;
    }
  }
  int64_t from = (static_cast<int64_t>(blockIdx.x) - tensors.first_block[low]) * kChunk;
  int64_t left = tensors.elements[low] - from;
  int n = left < kChunk ? static_cast<int>(left) : kChunk;
  float* weight = reinterpret_cast<float*>(tensors.weight[low]) + from;
  const float* gradient = reinterpret_cast<const float*>(tensors.gradient[low]) + from;
  float* velocity = reinterpret_cast<float*>(tensors.velocity[low]) + from;
  int64_t any = tensors.weight[low] | tensors.gradient[low] | tensors.velocity[low];
  int fours = any % 16 == 0 ? n / 4 : 0;
  for (int i = threadIdx.x; i < fours; i += blockDim.x) {
    float4 w = reinterpret_cast<float4*>(weight)[i];
    float4 g = reinterpret_cast<const float4*>(gradient)[i];
    float4 v = reinterpret_cast<float4*>(velocity)[i];
    step(w.x, g.x, v.x, rate, momentum, decay, nesterov);
    step(w.y, g.y, v.y, rate, momentum, decay, nesterov);
    step(w.z, g.z, v.z, rate, momentum, decay, nesterov);
    step(w.w, g.w, v.w, rate, momentum, decay, nesterov);
    reinterpret_cast<float4*>(weight)[i] = w;
    reinterpret_cast<float4*>(velocity)[i] = v;
  }
  for (int i = 4 * fours + threadIdx.x; i < n; i += blockDim.x) {
    float w = weight[i];
    float v = velocity[i];
    step(w, gradient[i], v, rate, momentum, decay, nesterov);
    weight[i] = w;
    velocity[i] = v;
  }
}
SAGITTA_KERNEL(sgd_f32)
