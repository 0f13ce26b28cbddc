// Vector types, arithmetic and atomics of CUDA C++ on the host.
#pragma once

#define EMU_VECTOR(type, element, count_bytes) \
  struct __attribute__((aligned(count_bytes))) type
EMU_VECTOR(float2, float, 8) { float x, y; };
EMU_VECTOR(float4, float, 16) { float x, y, z, w; };
EMU_VECTOR(double2, double, 16) { double x, y; };
EMU_VECTOR(int2, int, 8) { int x, y; };
EMU_VECTOR(int4, int, 16) { int x, y, z, w; };
EMU_VECTOR(uint2, unsigned, 8) { unsigned x, y; };
EMU_VECTOR(uint4, unsigned, 16) { unsigned x, y, z, w; };
EMU_VECTOR(longlong2, long long, 16) { long long x, y; };
#undef EMU_VECTOR
struct float3 { float x, y, z; };
struct int3 { int x, y, z; };
struct dim3 {
  unsigned x, y, z;
  dim3(unsigned x = 1, unsigned y = 1, unsigned z = 1) : x(x), y(y), z(z) {}
};

inline float2 make_float2(float x, float y) { return {x, y}; }
inline float3 make_float3(float x, float y, float z) { return {x, y, z}; }
inline float4 make_float4(float x, float y, float z, float w) { return {x, y, z, w}; }
inline double2 make_double2(double x, double y) { return {x, y}; }
inline int2 make_int2(int x, int y) { return {x, y}; }
inline int3 make_int3(int x, int y, int z) { return {x, y, z}; }
inline int4 make_int4(int x, int y, int z, int w) { return {x, y, z, w}; }
inline uint2 make_uint2(unsigned x, unsigned y) { return {x, y}; }
inline uint3 make_uint3(unsigned x, unsigned y, unsigned z) { return {x, y, z}; }
inline uint4 make_uint4(unsigned x, unsigned y, unsigned z, unsigned w) { return {x, y, z, w}; }

template <class To, class From>
inline To emu_bits(From from) {
  static_assert(sizeof(To) == sizeof(From), "a change of type, not of size");
  To to;
  std::memcpy(&to, &from, sizeof(To));
  return to;
}
inline unsigned __float_as_uint(float x) { return emu_bits<unsigned>(x); }
inline int __float_as_int(float x) { return emu_bits<int>(x); }
inline float __uint_as_float(unsigned x) { return emu_bits<float>(x); }
inline float __int_as_float(int x) { return emu_bits<float>(x); }
inline long long __double_as_longlong(double x) { return emu_bits<long long>(x); }
inline double __longlong_as_double(long long x) { return emu_bits<double>(x); }

// ---- arithmetic; the _rn forms are never contracted into a multiply-add

template <class T>
inline T emu_exact(T x) {
  asm volatile("" : "+m"(x));
  return x;
}
inline float __fadd_rn(float a, float b) { return emu_exact(a + b); }
inline float __fsub_rn(float a, float b) { return emu_exact(a - b); }
inline float __fmul_rn(float a, float b) { return emu_exact(a * b); }
inline float __fdiv_rn(float a, float b) { return a / b; }
inline float __fmaf_rn(float a, float b, float c) { return std::fma(a, b, c); }
inline float __fsqrt_rn(float x) { return std::sqrt(x); }
inline float normcdff(float x) { return float(0.5 * std::erfc(-x * 0.70710678118654752440)); }
inline float __frcp_rn(float x) { return 1.f / x; }
inline double __dadd_rn(double a, double b) { return emu_exact(a + b); }
inline double __dsub_rn(double a, double b) { return emu_exact(a - b); }
inline double __dmul_rn(double a, double b) { return emu_exact(a * b); }
inline double __fma_rn(double a, double b, double c) { return std::fma(a, b, c); }
inline double __dsqrt_rn(double x) { return std::sqrt(x); }
inline float __fdividef(float a, float b) { return a / b; }
inline float __expf(float x) { return expf(x); }
inline float __logf(float x) { return logf(x); }
inline float __sinf(float x) { return sinf(x); }
inline float __cosf(float x) { return cosf(x); }
inline float __powf(float x, float y) { return powf(x, y); }
inline float rsqrtf(float x) { return 1.f / std::sqrt(x); }
inline double rsqrt(double x) { return 1.0 / std::sqrt(x); }
inline float __double2float_rn(double x) { return static_cast<float>(x); }
inline float __int2float_rn(int x) { return static_cast<float>(x); }
inline float __uint2float_rn(unsigned x) { return static_cast<float>(x); }
inline int __float2int_rn(float x) { return static_cast<int>(std::nearbyint(x)); }
inline int __float2int_rz(float x) { return static_cast<int>(x); }
inline float __saturatef(float x) { return x > 0.f ? (x < 1.f ? x : 1.f) : 0.f; }

inline unsigned __umulhi(unsigned a, unsigned b) {
  return static_cast<unsigned>((static_cast<uint64_t>(a) * b) >> 32);
}
inline int __mulhi(int a, int b) { return static_cast<int>((static_cast<int64_t>(a) * b) >> 32); }
inline unsigned long long __umul64hi(unsigned long long a, unsigned long long b) {
  return static_cast<unsigned long long>((static_cast<unsigned __int128>(a) * b) >> 64);
}
inline int __popc(unsigned x) { return __builtin_popcount(x); }
inline int __popcll(unsigned long long x) { return __builtin_popcountll(x); }
inline int __ffs(int x) { return __builtin_ffs(x); }
inline int __clz(int x) { return x == 0 ? 32 : __builtin_clz(static_cast<unsigned>(x)); }
inline int __clzll(long long x) {
  return x == 0 ? 64 : __builtin_clzll(static_cast<unsigned long long>(x));
}

// The smaller or larger of two numbers; of a number and a NaN the number, as fminf and fmaxf.
#define EMU_MIN_MAX(type)                                        \
  inline type min(type a, type b) { return b < a ? b : a; }      \
  inline type max(type a, type b) { return a < b ? b : a; }
EMU_MIN_MAX(int)
EMU_MIN_MAX(unsigned)
EMU_MIN_MAX(long)
EMU_MIN_MAX(unsigned long)
EMU_MIN_MAX(long long)
EMU_MIN_MAX(unsigned long long)
#undef EMU_MIN_MAX
inline float min(float a, float b) { return fminf(a, b); }
inline float max(float a, float b) { return fmaxf(a, b); }
inline double min(double a, double b) { return fmin(a, b); }
inline double max(double a, double b) { return fmax(a, b); }

// ---- memory

template <class T>
inline T __ldg(const T* at) { return *at; }
template <class T>
inline T __ldcs(const T* at) { return *at; }
template <class T>
inline void __stcs(T* at, T value) { *at = value; }
inline void __threadfence() { __atomic_thread_fence(__ATOMIC_SEQ_CST); }
inline void __threadfence_block() { __atomic_thread_fence(__ATOMIC_SEQ_CST); }

// Whole numbers only: float sums would depend on the order of threads.
#define EMU_ATOMICS(type)                                                                              \
  inline type atomicAdd(type* at, type v) { return __atomic_fetch_add(at, v, __ATOMIC_SEQ_CST); }      \
  inline type atomicOr(type* at, type v) { return __atomic_fetch_or(at, v, __ATOMIC_SEQ_CST); }        \
  inline type atomicAnd(type* at, type v) { return __atomic_fetch_and(at, v, __ATOMIC_SEQ_CST); }      \
  inline type atomicExch(type* at, type v) { return __atomic_exchange_n(at, v, __ATOMIC_SEQ_CST); }    \
  inline type atomicCAS(type* at, type expected, type v) {                                             \
    __atomic_compare_exchange_n(at, &expected, v, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);          \
    return expected;                                                                                   \
  }                                                                                                    \
  inline type atomicMax(type* at, type v) {                                                            \
    type seen = *at;                                                                                   \
    while (seen < v && !__atomic_compare_exchange_n(at, &seen, v, false, __ATOMIC_SEQ_CST,             \
                                                    __ATOMIC_SEQ_CST)) {                               \
    }                                                                                                  \
    return seen;                                                                                       \
  }                                                                                                    \
  inline type atomicMin(type* at, type v) {                                                            \
    type seen = *at;                                                                                   \
    while (v < seen && !__atomic_compare_exchange_n(at, &seen, v, false, __ATOMIC_SEQ_CST,             \
                                                    __ATOMIC_SEQ_CST)) {                               \
    }                                                                                                  \
    return seen;                                                                                       \
  }
EMU_ATOMICS(int)
EMU_ATOMICS(unsigned)
EMU_ATOMICS(unsigned long long)
#undef EMU_ATOMICS
// unsigned int that wraps to zero past `limit`.
inline unsigned atomicInc(unsigned* at, unsigned limit) {
  unsigned seen = *at;
  while (!__atomic_compare_exchange_n(at, &seen, seen >= limit ? 0u : seen + 1, false, __ATOMIC_SEQ_CST,
                                      __ATOMIC_SEQ_CST)) {
  }
  return seen;
}
