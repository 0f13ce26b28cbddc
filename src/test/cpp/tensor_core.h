// Software twins of device.cuh's asynchronous copies and tensor-core instructions, and of
// warpgroup.cuh's products, which are done when they are waited for; fragments lie as in the PTX ISA,
// "Matrix fragments for mma.m16n8k*". That copies need a fence before such products does not show here.
#pragma once

inline void cp_async_16(void* shared, const void* global, bool valid) { emu_copy_async(shared, global, 16, valid); }
inline void cp_async_4(void* shared, const void* global, bool valid) { emu_copy_async(shared, global, 4, valid); }
inline void cp_async_commit() { emu_copy_commit(); }
template <int pending>
inline void cp_async_wait() {
  emu_copy_wait(pending);
}

struct emu_ldmatrix {
  const void* row;
  uint32_t* registers;
};
struct emu_mma {
  float* d;
  const uint32_t* a;
  const uint32_t* b;
};
EMU_API void emu_ldmatrix_work(void* const* lanes);
EMU_API void emu_ldmatrix_trans_work(void* const* lanes);
EMU_API void emu_mma_tf32_work(void* const* lanes);
EMU_API void emu_mma_bf16_work(void* const* lanes);

inline void ldmatrix_x4(uint32_t (&r)[4], const void* shared) {
  emu_ldmatrix lane{shared, r};
  emu_warp(0xffffffffu, emu_ldmatrix_work, &lane);
}

inline void ldmatrix_x4_trans(uint32_t (&r)[4], const void* shared) {
  emu_ldmatrix lane{shared, r};
  emu_warp(0xffffffffu, emu_ldmatrix_trans_work, &lane);
}

inline void mma_m16n8k8_tf32(float (&d)[4], const uint32_t (&a)[4], const uint32_t (&b)[2]) {
  emu_mma lane{d, a, b};
  emu_warp(0xffffffffu, emu_mma_tf32_work, &lane);
}

inline void mma_m16n8k16_bf16(float (&d)[4], const uint32_t (&a)[4], const uint32_t (&b)[2]) {
  emu_mma lane{d, a, b};
  emu_warp(0xffffffffu, emu_mma_bf16_work, &lane);
}

// ---- products of warpgroups

struct GroupOperand {
  const unsigned char* tile;
  int offset;
  int apart;
  bool by_terms;

  GroupOperand after(int bytes) const { return {tile, offset + bytes, apart, by_terms}; }
};
struct emu_group_product {
  float* d;
  GroupOperand a, b;
  int columns;
};
EMU_API void emu_multiply(const emu_group_product& product);
EMU_API void emu_multiply_commit();
EMU_API void emu_multiply_wait();

template <bool by_terms>
inline GroupOperand group_operand(const void* tile, int apart) {
  if (reinterpret_cast<size_t>(tile) % 1024 != 0) emu_fail(716, "a tile does not begin at a multiple of 1024");
  return {static_cast<const unsigned char*>(tile), 0, apart, by_terms};
}
inline void fence_for_products() {}
inline void begin_products() {}
inline void commit_products() { emu_multiply_commit(); }
inline void wait_for_products() { emu_multiply_wait(); }

template <bool by_terms, int N>
inline void multiply_m64k16_bf16(float (&d)[N][4], GroupOperand a, GroupOperand b) {
  emu_multiply({d[0], a, b, 8 * N});
}

// Nearest, ties away from zero; infinities and NaNs stay.
inline uint32_t round_tf32(float x) {
  uint32_t bits = __float_as_uint(x);
  return (bits & 0x7f800000u) == 0x7f800000u ? bits : (bits + 0x1000u) & ~0x1fffu;
}

// Nearest, ties to even; a NaN becomes the one that the instruction gives.
inline uint32_t emu_bf16(float x) {
  uint32_t bits = __float_as_uint(x);
  return x != x ? 0x7fffu : (bits + 0x7fffu + ((bits >> 16) & 1u)) >> 16;
}
inline uint32_t pack_bf16(float low, float high) { return emu_bf16(low) | emu_bf16(high) << 16; }
