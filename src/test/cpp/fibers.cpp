// The threads of a block, from their start to their end, and where they wait for each other.
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>

#include "worker.h"

#if defined(__x86_64__)
asm(R"(
.text
.globl emu_switch
.hidden emu_switch
.type emu_switch, @function
emu_switch:
  pushq %rbp
  pushq %rbx
  pushq %r12
  pushq %r13
  pushq %r14
  pushq %r15
  movq %rsp, (%rdi)
  movq %rsi, %rsp
  popq %r15
  popq %r14
  popq %r13
  popq %r12
  popq %rbx
  popq %rbp
  ret
.size emu_switch, .-emu_switch
)");
#endif

EMU_THREAD_LOCAL uint3 threadIdx, blockIdx, blockDim, gridDim;

namespace emulator {

__thread Worker* worker_here __attribute__((tls_model("initial-exec")));

namespace {
constexpr size_t kStackBytes = 64 << 10;
}

Worker::Worker() : signal_stack_(64 << 10), threads_(kMostThreads), warps_(kMostThreads / 32) {
  std::memset(warps_.data(), 0, warps_.size() * sizeof(Warp));
  shared_ = map_guarded(kMostShared, 128);
}

Fiber* Worker::free_fiber() {
  if (free_.empty()) {
    auto made = std::make_unique<Fiber>();
    size_t page = static_cast<size_t>(sysconf(_SC_PAGESIZE));
    void* at = mmap(nullptr, kStackBytes + page, PROT_READ | PROT_WRITE,
                    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (at == MAP_FAILED || mprotect(at, page, PROT_NONE) != 0) {
      fail(kOutOfMemory, "no memory for the stacks of threads");
    }
    // Stacks that begin at different places of a page do not compete for the same cache lines.
    made->top = static_cast<unsigned char*>(at) + page + kStackBytes - fibers_.size() % 16 * 256;
    made->context.begin(made->top, fiber_main);
    free_.push_back(made.get());
    fibers_.push_back(std::move(made));
  }
  Fiber* fiber = free_.back();
  free_.pop_back();
  return fiber;
}

void Worker::prepare_indices(uint3 dimensions) {
  if (std::memcmp(&indexed_, &dimensions, sizeof(uint3)) == 0) return;
  indexed_ = dimensions;
  for (unsigned i = 0; i < count_; ++i) {
    unsigned line = i / dimensions.x;
    threads_[i].index = {i % dimensions.x, line % dimensions.y, line / dimensions.y};
  }
}

void Worker::prepare_order(uint64_t block) {
  Order wanted = settings().order;
  if (wanted == Order::random || wanted != order_kind_ || order_.size() != count_) {
    order_kind_ = wanted;
    order_.resize(count_);
    for (unsigned i = 0; i < count_; ++i) order_[i] = wanted == Order::reverse ? count_ - 1 - i : i;
  }
  if (wanted == Order::random) {
    random_.seed(settings().seed * 0x9e3779b97f4a7c15u + block);
    std::shuffle(order_.begin(), order_.end(), random_);
  }
}

bool Worker::run(const Grid& grid, uint64_t block) {
  grid_ = &grid;
  uint64_t row = block / grid.blocks.x;
  blockIdx = {static_cast<unsigned>(block % grid.blocks.x), static_cast<unsigned>(row % grid.blocks.y),
              static_cast<unsigned>(row / grid.blocks.y)};
  blockDim = grid.threads;
  gridDim = grid.blocks;
  count_ = grid.threads.x * grid.threads.y * grid.threads.z;
  prepare_indices(grid.threads);
  poison_shared();
  prepare_order(block);
  started_ = ended_ = at_barrier_ = ready_begin_ = ready_end_ = 0;
  failure_ = {0, ""};
  fiber_ = free_fiber();
  Context::change(main_, fiber_->context);
  fiber_ = nullptr;
  if (failure_.code == 0 && ended_ < count_) failure_ = {kLaunchFailed, deadlock()};
  if (failure_.code == 0) return true;
  free_.clear();
  for (auto& fiber : fibers_) {
    fiber->context.begin(fiber->top, fiber_main);
    free_.push_back(fiber.get());
  }
  for (Thread& thread : threads_) {
    thread.forget_pending();
  }
  for (Warp& warp : warps_) {
    for (Meeting& meeting : warp.meetings) meeting.arrived = 0;
  }
  return false;
}

void Worker::fiber_main() {
  Worker& self = *worker_here;
  for (;;) {
    Fiber* fiber = self.fiber_;
    while (self.started_ < self.count_) {
      self.make_current(self.order_[self.started_++]);
      Thread& thread = self.thread();
      thread.fiber = fiber;
      self.grid_->kernel->run(self.grid_->arguments);
      thread.forget_pending();
      ++self.ended_;
      if (self.ready_begin_ != self.ready_end_) break;
    }
    self.free_.push_back(fiber);
    self.go_on(fiber);
  }
}

// Never inlined: a fiber may go on under another host thread than the one it waited under, where the
// address of a variable of the thread, which a caller could have kept, is another.
__attribute__((noinline)) void Worker::make_current(unsigned thread) {
  current_ = thread;
  threadIdx = threads_[thread].index;
}

// Leaves `from` for a thread that can go on, else for a thread that has not started, else for run().
void Worker::go_on(Fiber* from) {
  Fiber* to;
  if (ready_begin_ != ready_end_) {
    make_current(take_ready());
    to = thread().fiber;
  } else if (started_ < count_) {
    to = free_fiber();
  } else {
    Context::change(from->context, main_);
    return;
  }
  if (to != from) {
    fiber_ = to;
    Context::change(from->context, to->context);
  }
}

unsigned Worker::take_ready() {
  unsigned& first = ready_[ready_begin_ & (kMostThreads - 1)];
  if (order_kind_ == Order::random) {
    unsigned waiting = ready_end_ - ready_begin_;
    std::swap(first, ready_[(ready_begin_ + random_() % waiting) & (kMostThreads - 1)]);
  }
  ++ready_begin_;
  return first;
}

void Worker::barrier() {
  if (++at_barrier_ == count_) {
    at_barrier_ = 0;
    for (unsigned thread : order_) ready(thread);
  }
  suspend();
}

void Worker::warp(unsigned mask, emu_warp_work work, void* lane) {
  unsigned first = current_ & ~31u;
  unsigned lanes = std::min(32u, count_ - first);
  if (lanes < 32) mask &= (1u << lanes) - 1;
  unsigned self = 1u << (current_ & 31u);
  if ((mask & self) == 0) fail(kLaunchFailed, "a thread is not in the mask of its own warp operation");
  Meeting& meeting = warps_[first / 32].meetings[__builtin_ctz(mask)];
  if (meeting.arrived == 0) {
    meeting.mask = mask;
    meeting.work = work;
    std::memset(meeting.lanes, 0, sizeof(meeting.lanes));
  } else if (meeting.mask != mask || meeting.work != work) {
    fail(kLaunchFailed, "threads of one warp are in different warp operations");
  }
  meeting.arrived |= self;
  meeting.lanes[current_ & 31u] = lane;
  if (meeting.arrived == mask) {
    meeting.arrived = 0;
    work(meeting.lanes);
    for (unsigned i = 0; i < lanes; ++i) {
      unsigned next = order_kind_ == Order::reverse ? lanes - 1 - i : i;
      if ((mask >> next & 1u) != 0) ready(first + next);
    }
  }
  suspend();
}

std::string Worker::place() const {
  auto triple = [](uint3 v) {
    return "(" + std::to_string(v.x) + "," + std::to_string(v.y) + "," + std::to_string(v.z) + ")";
  };
  return std::string("kernel ") + grid_->kernel->name + ", block " + triple(blockIdx) + ", thread " +
         triple(threadIdx);
}

std::string Worker::deadlock() const {
  unsigned in_warp_operation = count_ - ended_ - at_barrier_;
  return place() + ": divergent barrier: of " + std::to_string(count_) + " threads " +
         std::to_string(at_barrier_) + " wait at __syncthreads, " + std::to_string(in_warp_operation) +
         " in a warp operation, " + std::to_string(ended_) + " have returned";
}

void Worker::fail(int code, const std::string& what) {
  failure_ = {code, place() + ": " + what};
  abandon();
}

void Worker::abandon() {
  Context::change(fiber_->context, main_);
  __builtin_unreachable();
}

Worker* make_worker() { return new Worker(); }
bool run_block(Worker& worker, const Grid& grid, uint64_t block) { return worker.run(grid, block); }
Failure failure(const Worker& worker) { return worker.failure_; }

}  // namespace emulator

// ---- what kernels call

using emulator::worker_here;

void emu_barrier() { worker_here->barrier(); }
void emu_warp(unsigned mask, emu_warp_work work, void* lane) { worker_here->warp(mask, work, lane); }
void emu_fail(int code, const char* what) { worker_here->fail(code, what); }
