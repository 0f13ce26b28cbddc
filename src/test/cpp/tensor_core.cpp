// What a warp's last lane does for all of them. Results gather in fp32, product after product.
#include "emulator.h"

namespace {

using Row = float __attribute__((vector_size(32)));

template <int depth>
struct Tile {
  float a[16][depth];
  Row b[depth];
};

template <int depth>
void multiply(void* const* lanes, const Tile<depth>& tile) {
  Row d[16];
  auto pair = [&d](int row, int lane) { return reinterpret_cast<float*>(&d[row]) + 2 * (lane & 3); };
  for (int lane = 0; lane < 32; ++lane) {
    const float* from = static_cast<const emu_mma*>(lanes[lane])->d;
    std::memcpy(pair(lane >> 2, lane), from, 2 * sizeof(float));
    std::memcpy(pair((lane >> 2) + 8, lane), from + 2, 2 * sizeof(float));
  }
  // Eight rows at a time stay in registers: one row's sums would each wait for the one before.
  for (int from = 0; from < 16; from += 8) {
    Row sums[8];
#pragma GCC unroll 8
    for (int i = 0; i < 8; ++i) sums[i] = d[from + i];
    for (int k = 0; k < depth; ++k) {
#pragma GCC unroll 8
      for (int i = 0; i < 8; ++i) sums[i] += tile.a[from + i][k] * tile.b[k];
    }
#pragma GCC unroll 8
    for (int i = 0; i < 8; ++i) d[from + i] = sums[i];
  }
  for (int lane = 0; lane < 32; ++lane) {
    float* to = static_cast<const emu_mma*>(lanes[lane])->d;
    std::memcpy(to, pair(lane >> 2, lane), 2 * sizeof(float));
    std::memcpy(to + 2, pair((lane >> 2) + 8, lane), 2 * sizeof(float));
  }
}

void require_whole_warp(void* const* lanes) {
  for (int lane = 0; lane < 32; ++lane) {
    if (lanes[lane] == nullptr) emu_fail(emulator::kLaunchFailed, "a tensor-core instruction in a partial warp");
  }
}

float tf32(uint32_t bits) { return __uint_as_float(bits & ~0x1fffu); }
float low_bf16(uint32_t bits) { return __uint_as_float(bits << 16); }
float high_bf16(uint32_t bits) { return __uint_as_float(bits & 0xffff0000u); }

void load_matrices(void* const* lanes, bool transposed) {
  require_whole_warp(lanes);
  uint16_t elements[4][8][8];
  for (int lane = 0; lane < 32; ++lane) {
    const void* row = static_cast<const emu_ldmatrix*>(lanes[lane])->row;
    if (reinterpret_cast<size_t>(row) % 16 != 0) {
      emu_fail(emulator::kMisalignedAddress, "a row of ldmatrix is not aligned to 16 bytes");
    }
    std::memcpy(elements[lane / 8][lane % 8], row, 16);
  }
  for (int lane = 0; lane < 32; ++lane) {
    uint32_t* to = static_cast<const emu_ldmatrix*>(lanes[lane])->registers;
    int row = lane >> 2;
    int column = 2 * (lane & 3);
    for (int matrix = 0; matrix < 4; ++matrix) {
      auto& m = elements[matrix];
      uint32_t low = transposed ? m[column][row] : m[row][column];
      uint32_t high = transposed ? m[column + 1][row] : m[row][column + 1];
      to[matrix] = low | high << 16;
    }
  }
}

}  // namespace

void emu_ldmatrix_work(void* const* lanes) { load_matrices(lanes, false); }
void emu_ldmatrix_trans_work(void* const* lanes) { load_matrices(lanes, true); }

void emu_mma_tf32_work(void* const* lanes) {
  require_whole_warp(lanes);
  Tile<8> tile;
  for (int lane = 0; lane < 32; ++lane) {
    const emu_mma& from = *static_cast<const emu_mma*>(lanes[lane]);
    int group = lane >> 2;
    int in_group = lane & 3;
    tile.a[group][in_group] = tf32(from.a[0]);
    tile.a[group + 8][in_group] = tf32(from.a[1]);
    tile.a[group][in_group + 4] = tf32(from.a[2]);
    tile.a[group + 8][in_group + 4] = tf32(from.a[3]);
    tile.b[in_group][group] = tf32(from.b[0]);
    tile.b[in_group + 4][group] = tf32(from.b[1]);
  }
  multiply(lanes, tile);
}

void emu_mma_bf16_work(void* const* lanes) {
  require_whole_warp(lanes);
  Tile<16> tile;
  for (int lane = 0; lane < 32; ++lane) {
    const emu_mma& from = *static_cast<const emu_mma*>(lanes[lane]);
    int group = lane >> 2;
    int k = 2 * (lane & 3);
    for (int half = 0; half < 2; ++half) {
      tile.a[group][k + 8 * half] = low_bf16(from.a[2 * half]);
      tile.a[group][k + 8 * half + 1] = high_bf16(from.a[2 * half]);
      tile.a[group + 8][k + 8 * half] = low_bf16(from.a[2 * half + 1]);
      tile.a[group + 8][k + 8 * half + 1] = high_bf16(from.a[2 * half + 1]);
      tile.b[k + 8 * half][group] = low_bf16(from.b[half]);
      tile.b[k + 8 * half + 1][group] = high_bf16(from.b[half]);
    }
  }
  multiply(lanes, tile);
}
