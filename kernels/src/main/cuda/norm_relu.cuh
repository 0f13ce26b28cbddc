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

  // Four neighbouring channels' elements, normalised and rectified.
  __device__ __forceinline__ float4 apply(float4 v, int channel) const {
    float4 mean = of(0, channel), scale = of(1, channel), shift = of(2, channel);
    v.x = rectified(__fmaf_rn(v.x - mean.x, scale.x, shift.x));
    v.y = rectified(__fmaf_rn(v.y - mean.y, scale.y, shift.y));
    v.z = rectified(__fmaf_rn(v.z - mean.z, scale.z, shift.z));
    v.w = rectified(__fmaf_rn(v.w - mean.w, scale.w, shift.w));
    return v;
  }

  static __device__ __forceinline__ float rectified(float v) { return v < 0.f ? 0.f : v; }
};

template <class Loader>
__device__ __forceinline__ void norm_relu(
    const Loader& loader, const Coefficients& by, float* tile, int k) {
  loader.each(k, [&](int line, int term, int channel, int64_t, bool valid) {
    if (!valid) return;
    float4* at = reinterpret_cast<float4*>(tile + Loader::Tile::at(line, term));
    *at = by.apply(*at, channel);
  });
}

template <class Loader>
struct NormReluImageLoader : Loader {
  Coefficients by;

  __device__ __forceinline__ NormReluImageLoader(
      const ImageSizes& s, const float* image, int first, Corner* corners, const Coefficients& by)
      : Loader(s, image, first, corners), by(by) {}
};

template <class Loader>
__device__ __forceinline__ void arrived(
    const NormReluImageLoader<Loader>& loader, float* tile, int k) {
  norm_relu(static_cast<const Loader&>(loader), loader.by, tile, k);
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
