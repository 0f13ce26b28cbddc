// Images that are normalised and rectified on their way into a product: an element x of channel c
// is taken as max(0, (x - mean[c]) * scale[c] + shift[c]), and padding as 0. A thread does that to its
// own copies, once they have arrived and before the others may read them.
#pragma once
#include "image.cuh"

// mean, scale and shift, [3, channels], from the first channel of a group on.
struct Coefficients {
  const float* first;
  int channels;

  __device__ __forceinline__ float4 of(int which, int channel) const {
    return *reinterpret_cast<const float4*>(first + which * channels + channel);
  }
};

template <class Loader>
__device__ __forceinline__ void norm_relu(
    const Loader& loader, const Coefficients& by, float* tile, int k) {
  loader.each(k, [&](int line, int term, int channel, int64_t, bool valid) {
    if (!valid) return;
    float4 mean = by.of(0, channel), scale = by.of(1, channel), shift = by.of(2, channel);
    float4* at = reinterpret_cast<float4*>(tile + Loader::Tile::at(line, term));
    float4 v = *at;
    v.x = __fmaf_rn(v.x - mean.x, scale.x, shift.x);
    v.y = __fmaf_rn(v.y - mean.y, scale.y, shift.y);
    v.z = __fmaf_rn(v.z - mean.z, scale.z, shift.z);
    v.w = __fmaf_rn(v.w - mean.w, scale.w, shift.w);
    v.x = v.x < 0.f ? 0.f : v.x;
    v.y = v.y < 0.f ? 0.f : v.y;
    v.z = v.z < 0.f ? 0.f : v.z;
    v.w = v.w < 0.f ? 0.f : v.w;
    *at = v;
  });
}

template <int lines, int threads>
struct NormReluImageLoader : ImageLoader<lines, threads, true> {
  Coefficients by;
};

template <int lines, int threads>
__device__ __forceinline__ void arrived(
    const NormReluImageLoader<lines, threads>& loader, float* tile, int k) {
  norm_relu(static_cast<const ImageLoader<lines, threads, true>&>(loader), loader.by, tile, k);
}

template <int lines, int threads>
struct NormReluPatchLoader : PatchLoader<lines, threads, true> {
  Coefficients by;
};

template <int lines, int threads>
__device__ __forceinline__ void arrived(
    const NormReluPatchLoader<lines, threads>& loader, float* tile, int k) {
  norm_relu(static_cast<const PatchLoader<lines, threads, true>&>(loader), loader.by, tile, k);
}
