// Barriers, shuffles and votes. Every lane that a mask names must take part, as the CUDA guide asks.
#pragma once

inline void __syncthreads() { emu_barrier(); }
inline int emu_lane() {
  return static_cast<int>((threadIdx.x + blockDim.x * (threadIdx.y + blockDim.y * threadIdx.z)) & 31u);
}

template <class T>
struct emu_shuffle {
  T value;
  int source;
  T result;

  // A source that takes no part leaves the result poisoned.
  static void work(void* const* lanes) {
    for (int i = 0; i < 32; ++i) {
      emu_shuffle* lane = static_cast<emu_shuffle*>(lanes[i]);
      if (lane == nullptr) continue;
      emu_shuffle* from = static_cast<emu_shuffle*>(lanes[lane->source & 31]);
      if (from != nullptr) {
        lane->result = from->value;
      } else {
        std::memset(&lane->result, 0xff, sizeof(T));
      }
    }
  }

  static T exchange(unsigned mask, T value, int source) {
    emu_shuffle lane{value, source, value};
    emu_warp(mask, work, &lane);
    return lane.result;
  }
};

template <class T>
inline T __shfl_sync(unsigned mask, T value, int source, int width = 32) {
  int segment = emu_lane() & ~(width - 1);
  return emu_shuffle<T>::exchange(mask, value, segment + (source & (width - 1)));
}

template <class T>
inline T __shfl_up_sync(unsigned mask, T value, unsigned delta, int width = 32) {
  int lane = emu_lane();
  int source = lane - static_cast<int>(delta);
  return emu_shuffle<T>::exchange(mask, value, source < (lane & ~(width - 1)) ? lane : source);
}

template <class T>
inline T __shfl_down_sync(unsigned mask, T value, unsigned delta, int width = 32) {
  int lane = emu_lane();
  int source = lane + static_cast<int>(delta);
  return emu_shuffle<T>::exchange(mask, value, source > (lane | (width - 1)) ? lane : source);
}

template <class T>
inline T __shfl_xor_sync(unsigned mask, T value, int bits, int width = 32) {
  int lane = emu_lane();
  int source = lane ^ bits;
  return emu_shuffle<T>::exchange(mask, value, source > (lane | (width - 1)) ? lane : source);
}

struct emu_vote {
  unsigned predicate;
  unsigned ballot;
  unsigned present;

  static void work(void* const* lanes) {
    unsigned ballot = 0;
    unsigned present = 0;
    for (int i = 0; i < 32; ++i) {
      const emu_vote* lane = static_cast<const emu_vote*>(lanes[i]);
      if (lane == nullptr) continue;
      ballot |= lane->predicate << i;
      present |= 1u << i;
    }
    for (int i = 0; i < 32; ++i) {
      if (emu_vote* lane = static_cast<emu_vote*>(lanes[i])) {
        lane->ballot = ballot;
        lane->present = present;
      }
    }
  }

  static emu_vote of(unsigned mask, bool predicate) {
    emu_vote lane{predicate ? 1u : 0u, 0u, 0u};
    emu_warp(mask, work, &lane);
    return lane;
  }
};

inline unsigned __ballot_sync(unsigned mask, int predicate) { return emu_vote::of(mask, predicate != 0).ballot; }
inline int __any_sync(unsigned mask, int predicate) { return emu_vote::of(mask, predicate != 0).ballot != 0; }
inline int __all_sync(unsigned mask, int predicate) {
  emu_vote vote = emu_vote::of(mask, predicate != 0);
  return vote.ballot == vote.present;
}

inline void emu_nothing(void* const*) {}
inline void __syncwarp(unsigned mask = 0xffffffffu) {
  char lane = 0;
  emu_warp(mask, emu_nothing, &lane);
}
