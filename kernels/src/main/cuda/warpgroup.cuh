// Products of Hopper's warpgroups: four warps, the first of them a multiple of four, multiply matrices
// that lie in shared memory while their threads do other things. These are instructions of sm_90a
// alone; the tests' emulated driver stands in for them as for device.cuh's.
//
// An operand is 64 lines (rows of the left one, columns of the right one) or 128, of 16 terms, bf16. It
// is part of a tile of rows of 128 bytes, the first at a multiple of 1024: row r has its 16-byte chunk c
// in the place of chunk c ^ r % 8, so that the same chunk of eight rows lies in all banks. By lines: a
// row is 64 terms of a line, and the operand 16 of them. By terms: a row is 64 lines of a term.
#pragma once
#include "device.cuh"

constexpr int TILE_ROW_BYTES = 128;

#ifndef SAGITTA_EMULATED

// PTX ISA, "Matrix descriptor": address, bytes from 64 lines to the next (by terms), bytes from eight
// rows to the next, each without its lowest four bits; the order of chunks as above.
struct GroupOperand {
  uint64_t descriptor;

  // The operand that begins so many bytes further on.
  __device__ __forceinline__ GroupOperand after(int bytes) const {
    return {descriptor + static_cast<uint64_t>(bytes >> 4)};
  }
};

// `apart`: bytes from 64 lines to the next of an operand by terms; else not used.
template <bool by_terms>
__device__ __forceinline__ GroupOperand group_operand(const void* tile, int apart) {
  uint64_t at = static_cast<uint64_t>(__cvta_generic_to_shared(tile));
  uint64_t eight_rows = 8 * TILE_ROW_BYTES;
  return {
      at >> 4 | static_cast<uint64_t>(apart >> 4) << 16 | eight_rows >> 4 << 32 |
      static_cast<uint64_t>(1) << 62};
}

// Lets products that begin behind the next barrier read what this thread wrote to shared memory.
__device__ __forceinline__ void fence_for_products() {
  asm volatile("fence.proxy.async.shared::cta;" ::: "memory");
}

// Before a group's first product.
__device__ __forceinline__ void begin_products() {
  asm volatile("wgmma.fence.sync.aligned;" ::: "memory");
}

// Behind a group's last product.
__device__ __forceinline__ void commit_products() {
  asm volatile("wgmma.commit_group.sync.aligned;" ::: "memory");
}

// Waits until all of this warp's products are done; until then nothing may touch their sums, nor any
// warp what they read.
__device__ __forceinline__ void wait_for_products() {
  asm volatile("wgmma.wait_group.sync.aligned 0;" ::: "memory");
}

#define SAGITTA_SUMS_4(d, n) "+f"(d[n][0]), "+f"(d[n][1]), "+f"(d[n][2]), "+f"(d[n][3])
#define SAGITTA_SUMS_32(d, n)                                                        \
  SAGITTA_SUMS_4(d, n), SAGITTA_SUMS_4(d, n + 1), SAGITTA_SUMS_4(d, n + 2),          \
      SAGITTA_SUMS_4(d, n + 3), SAGITTA_SUMS_4(d, n + 4), SAGITTA_SUMS_4(d, n + 5),  \
      SAGITTA_SUMS_4(d, n + 6), SAGITTA_SUMS_4(d, n + 7)

// Starts d += a * b for 64 rows and 8 columns for each n of d[n]: warp w of the group has rows 16 w to
// 16 w + 15, as the fragments of mma.m16n8k*.
template <bool by_terms>
__device__ __forceinline__ void multiply_m64k16_bf16(
    float (&d)[8][4], GroupOperand a, GroupOperand b) {
  asm volatile(
      "{.reg .pred add; setp.ne.b32 add, 1, 0;\n"
      "wgmma.mma_async.sync.aligned.m64n64k16.f32.bf16.bf16 {"
      "%0, %1, %2, %3, %4, %5, %6, %7, %8, %9, %10, %11, %12, %13, %14, %15, %16, %17, %18, %19, "
      "%20, %21, %22, %23, %24, %25, %26, %27, %28, %29, %30, %31}, "
      "%32, %33, add, 1, 1, %34, %34;}\n"
      : SAGITTA_SUMS_32(d, 0)
      : "l"(a.descriptor), "l"(b.descriptor), "n"(by_terms ? 1 : 0));
}

template <bool by_terms>
__device__ __forceinline__ void multiply_m64k16_bf16(
    float (&d)[16][4], GroupOperand a, GroupOperand b) {
  asm volatile(
      "{.reg .pred add; setp.ne.b32 add, 1, 0;\n"
      "wgmma.mma_async.sync.aligned.m64n128k16.f32.bf16.bf16 {"
      "%0, %1, %2, %3, %4, %5, %6, %7, %8, %9, %10, %11, %12, %13, %14, %15, %16, %17, %18, %19, "
      "%20, %21, %22, %23, %24, %25, %26, %27, %28, %29, %30, %31, %32, %33, %34, %35, %36, %37, "
      "%38, %39, %40, %41, %42, %43, %44, %45, %46, %47, %48, %49, %50, %51, %52, %53, %54, %55, "
      "%56, %57, %58, %59, %60, %61, %62, %63}, "
      "%64, %65, add, 1, 1, %66, %66;}\n"
      : SAGITTA_SUMS_32(d, 0), SAGITTA_SUMS_32(d, 8)
      : "l"(a.descriptor), "l"(b.descriptor), "n"(by_terms ? 1 : 0));
}

#undef SAGITTA_SUMS_4
#undef SAGITTA_SUMS_32

#endif
