// One processor thread at work: it runs the threads of a block as fibers. A thread starts on the fiber
// of the one that ended before it; it needs one of its own only while it waits.
#pragma once
#include <signal.h>

#include <memory>
#include <random>
#include <vector>

#include "context.h"
#include "emulator.h"

namespace emulator {

constexpr unsigned kMostThreads = 1024;
constexpr size_t kMostShared = 227 << 10;

struct Fiber {
  Context context;
  unsigned char* top = nullptr;
};

struct Copy {
  void* shared;
  const void* global;  // null: zeros
  int bytes;
};

struct Thread {
  uint3 index;
  Fiber* fiber;
  std::vector<Copy> copies;          // asynchronous, not yet done
  std::vector<size_t> group_ends;    // of copies
  std::vector<emu_group_product> products;  // of the warpgroup, not yet done
  size_t committed = 0;                     // of these

  void forget_pending() {
    copies.clear();
    group_ends.clear();
    products.clear();
    committed = 0;
  }
};

// The lanes of a warp that have come to one operation.
struct Meeting {
  unsigned mask;
  unsigned arrived;
  emu_warp_work work;
  void* lanes[32];
};

struct Warp {
  Meeting meetings[32];  // by the mask's lowest lane
};

class Worker {
 public:
  Worker();
  bool run(const Grid& grid, uint64_t block);

  void barrier();
  void warp(unsigned mask, emu_warp_work work, void* lane);
  Thread& thread() { return threads_[current_]; }
  [[noreturn]] void fail(int code, const std::string& what);
  // Ends the block at once; failure_ says why.
  [[noreturn]] void abandon();
  std::string place() const;

  Failure failure_{0, ""};
  const Grid* grid_ = nullptr;
  stack_t previous_stack_{};
  std::vector<unsigned char> signal_stack_;

 private:
  static void fiber_main();
  void go_on(Fiber* from);
  void suspend() { go_on(threads_[current_].fiber); }
  void poison_shared();
  void prepare_indices(uint3 block_dimensions);
  void prepare_order(uint64_t block);
  void ready(unsigned thread) { ready_[ready_end_++ & (kMostThreads - 1)] = thread; }
  unsigned take_ready();
  Fiber* free_fiber();
  void make_current(unsigned thread);
  std::string deadlock() const;

  std::vector<Thread> threads_;
  std::vector<std::unique_ptr<Fiber>> fibers_;
  std::vector<Fiber*> free_;
  std::vector<Warp> warps_;
  std::vector<unsigned> order_;
  unsigned ready_[kMostThreads];
  unsigned ready_begin_ = 0, ready_end_ = 0;
  unsigned count_ = 0, started_ = 0, ended_ = 0, at_barrier_ = 0, current_ = 0;
  Order order_kind_ = Order::random;
  uint3 indexed_{0, 0, 0};  // the dimensions that the threads' indices are of
  std::mt19937_64 random_;
  Context main_;
  Fiber* fiber_ = nullptr;  // the one that runs
  Guarded shared_{};
};

// The worker whose kernel the calling thread runs, or null.
extern __thread Worker* worker_here __attribute__((tls_model("initial-exec")));

}  // namespace emulator
