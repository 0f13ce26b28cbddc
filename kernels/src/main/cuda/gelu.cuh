// GELU, y = x * Phi(x) with Phi the distribution function of the standard normal and phi its density:
// its derivatives, and central differences through it.
#pragma once

#include "device.cuh"

namespace gelu {

// Up to this |o| the series is summed; beyond, differences lose nothing to speak of.
constexpr float NEAR_BOUND = 0.5f;
// Terms of the series: the rest is below 1e-9 of the sum for |o| <= 1/2 where phi is not tiny.
constexpr int TERMS = 12;
// No float is as small as the density beyond.
constexpr float FAR_BOUND = 15.0f;

__device__ __forceinline__ float density(float x) {
  return 0.3989422804f * expf(-0.5f * x * x);
}

__device__ __forceinline__ float value(float x) { return x * normcdff(x); }

__device__ __forceinline__ float slope(float x) { return normcdff(x) + x * density(x); }

__device__ __forceinline__ float bend(float x) { return (2.0f - x * x) * density(x); }

// P = (Phi(c + o) - Phi(c - o)) / 2 and Q = Phi(c + o) + Phi(c - o) - 2 Phi(c): integrals of
// phi(c + t) = phi(c) sum He_n(c) (-t)^n / n!, He_n Hermite's polynomials, whose terms
// a = He_n(c) o^n / n! follow from a' = (c o a - o^2 a'') / n.
__device__ __forceinline__ void changes(float c, float o, float& p, float& q) {
  if (fabsf(o) > NEAR_BOUND) {
    float at = normcdff(c);
    float above = normcdff(c + o) - at;
    float below = normcdff(c - o) - at;
    p = 0.5f * (above - below);
    q = above + below;
    return;
  }
  float bounded = c > FAR_BOUND ? FAR_BOUND : c < -FAR_BOUND ? -FAR_BOUND : c;
  float before = 0.0f;
  float term = 1.0f;
  float even = 0.0f;
  float odd = 0.0f;
#pragma unroll
  for (int n = 0; n < TERMS; n++) {
    float share = 1.0f / static_cast<float>(n + 1);
    if (n % 2 == 0) {
      even = fmaf(share, term, even);
    } else {
      odd = fmaf(share, term, odd);
    }
    float next = share * (bounded * o * term - o * o * before);
    before = term;
    term = next;
  }
  float scale = density(bounded) * o;
  p = scale * even;
  q = -2.0f * scale * odd;
}

// Puts o' and e' in the place of o and e.  With c = s + e/2 the product rule gives
// o' = cP + o(Phi(c) + Q/2) and e' = cQ + 2oP + 2(s(Phi(c) - Phi(s)) + e/2 Phi(c)), where
// Phi(c) - Phi(s) is twice the P of half the way between.
__device__ __forceinline__ void stencil(float s, float& o, float& e) {
  float shift = 0.5f * e;
  float c = s + shift;
  float at = normcdff(c);
  float p, q;
  changes(c, o, p, q);
  float half, unused;
  changes(fmaf(0.5f, shift, s), 0.5f * shift, half, unused);
  e = c * q + 2.0f * (o * p) + 2.0f * (s * (2.0f * half) + shift * at);
  o = c * p + o * fmaf(0.5f, q, at);
}

}  // namespace gelu
