// y = value.  y: [n].  One thread an element, grid-stride.
#include "device.cuh"

extern "C" __global__ void fill_f32(int64_t n, float* y, float value) {
  int64_t step = static_cast<int64_t>(gridDim.x) * blockDim.x;
  for (int64_t i = static_cast<int64_t>(blockIdx.x) * blockDim.x + threadIdx.x; i < n; i += step) y[i] = value;
}
SAGITTA_KERNEL(fill_f32)
