// What a warp's last lane does for all of them. Results gather in fp32, product after product.
#include "worker.h"

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
struct GroupProducts {
  const std::vector<emu_group_product>* products;
  size_t count;
};

// Calls put(line, term, element) for 16 terms of some lines from `first` on, both multiples of eight:
// by lines, a row of 128 bytes holds terms of a line, by terms, lines of a term.
template <class Put>
void each_element(const GroupOperand& operand, int first, int lines, const Put& put) {
  for (int line = first; line < first + lines; line += operand.by_terms ? 8 : 1) {
    for (int term = 0; term < 16; term += operand.by_terms ? 1 : 8) {
      int row = operand.by_terms ? term : line;
      int in_row = operand.by_terms ? line % 64 : term;
      int offset = operand.offset + row * 128 + in_row * 2 + (operand.by_terms ? line / 64 * operand.apart : 0);
      uint16_t chunk[8];
      std::memcpy(chunk, operand.tile + (offset ^ (offset >> 7 & 7) << 4), sizeof(chunk));
      for (int i = 0; i < 8; ++i) {
        float element = __uint_as_float(static_cast<uint32_t>(chunk[i]) << 16);
        put((operand.by_terms ? line + i : line) - first, operand.by_terms ? term : term + i, element);
      }
    }
  }
}

void multiply_for_group(void* const* lanes) {
  require_whole_warp(lanes);
  const auto& first = *static_cast<const GroupProducts*>(lanes[0]);
  int warp = static_cast<int>(threadIdx.x >> 5) & 3;
  for (size_t i = 0; i < first.count; ++i) {
    const emu_group_product& product = (*first.products)[i];
    Tile<16> tile;
    each_element(product.a, 16 * warp, 16, [&](int line, int term, float v) { tile.a[line][term] = v; });
    for (int column = 0; column < product.columns; column += 8) {
      each_element(product.b, column, 8, [&](int line, int term, float v) { tile.b[term][line] = v; });
      emu_mma parts[32];
      void* of_lanes[32];
      for (int lane = 0; lane < 32; ++lane) {
        const auto& own = *static_cast<const GroupProducts*>(lanes[lane]);
        if (own.count != first.count) emu_fail(emulator::kLaunchFailed, "lanes wait for different products");
        parts[lane].d = (*own.products)[i].d + column / 2;
        of_lanes[lane] = &parts[lane];
      }
      multiply(of_lanes, tile);
    }
  }
}

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

void emu_multiply(const emu_group_product& product) { emulator::worker_here->thread().products.push_back(product); }

void emu_multiply_commit() {
  auto& thread = emulator::worker_here->thread();
  thread.committed = thread.products.size();
}

void emu_multiply_wait() {
  auto& thread = emulator::worker_here->thread();
  GroupProducts lane{&thread.products, thread.committed};
  emu_warp(0xffffffffu, multiply_for_group, &lane);
  thread.products.erase(thread.products.begin(), thread.products.begin() + static_cast<ptrdiff_t>(thread.committed));
  thread.committed = 0;
}
