// Runs the threads of a block as fibers. A thread starts on the fiber of the one that ended before it;
// it needs one of its own only while it waits.
#include <link.h>
#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <map>
#include <memory>
#include <random>
#include <vector>

#include "context.h"
#include "emulator.h"

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
EMU_THREAD_LOCAL unsigned char* emu_dynamic_shared;

namespace emulator {
namespace {

constexpr size_t kStackBytes = 64 << 10;
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

}  // namespace

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
  void prepare_order(uint64_t block);
  void ready(unsigned thread) { ready_[ready_end_++ & (kMostThreads - 1)] = thread; }
  unsigned take_ready();
  Fiber* free_fiber();
  void make_current(unsigned thread) {
    current_ = thread;
    threadIdx = threads_[thread].index;
  }
  std::string deadlock() const;

  std::vector<Thread> threads_;
  std::vector<std::unique_ptr<Fiber>> fibers_;
  std::vector<Fiber*> free_;
  std::vector<Warp> warps_;
  std::vector<unsigned> order_;
  unsigned ready_[kMostThreads];
  unsigned ready_begin_ = 0, ready_end_ = 0;
  unsigned count_ = 0, started_ = 0, ended_ = 0, at_barrier_ = 0, current_ = 0;
  Order order_kind_ = Order::forward;
  std::mt19937_64 random_;
  Context main_;
  Fiber* fiber_ = nullptr;  // the one that runs
  Guarded shared_{};
  std::map<void* (*)(), std::pair<unsigned char*, size_t>> static_shared_;
};

namespace {
__thread Worker* worker_here __attribute__((tls_model("initial-exec")));
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

// The range of the calling thread's copies of the static shared variables of the kernel's library.
std::pair<unsigned char*, size_t> find_static_shared(void* (*mark)()) {
  struct Search {
    unsigned char* mark;
    std::pair<unsigned char*, size_t> found;
  } search{static_cast<unsigned char*>(mark()), {nullptr, 0}};
  dl_iterate_phdr(
      [](dl_phdr_info* info, size_t, void* data) {
        Search& s = *static_cast<Search*>(data);
        unsigned char* begin = static_cast<unsigned char*>(info->dlpi_tls_data);
        for (int i = 0; begin != nullptr && i < info->dlpi_phnum; ++i) {
          const auto& header = info->dlpi_phdr[i];
          if (header.p_type == PT_TLS && s.mark >= begin && s.mark < begin + header.p_memsz) {
            s.found = {begin, header.p_memsz};
            return 1;
          }
        }
        return 0;
      },
      &search);
  return search.found;
}

void Worker::poison_shared() {
  auto found = static_shared_.find(grid_->kernel->thread_storage);
  if (found == static_shared_.end()) {
    auto range = find_static_shared(grid_->kernel->thread_storage);
    found = static_shared_.emplace(grid_->kernel->thread_storage, range).first;
  }
  if (found->second.second > 1) std::memset(found->second.first, 0xff, found->second.second);
  size_t bytes = (grid_->shared_bytes + size_t{127}) & ~size_t{127};
  emu_dynamic_shared = shared_.begin + shared_.bytes - bytes;
  std::memset(emu_dynamic_shared, 0xff, bytes);
}

void Worker::prepare_order(uint64_t block) {
  order_kind_ = settings().order;
  order_.resize(count_);
  for (unsigned i = 0; i < count_; ++i) order_[i] = order_kind_ == Order::reverse ? count_ - 1 - i : i;
  if (order_kind_ == Order::random) {
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
  for (unsigned i = 0; i < count_; ++i) {
    unsigned line = i / blockDim.x;
    threads_[i].index = {i % blockDim.x, line % blockDim.y, line / blockDim.y};
    threads_[i].fiber = nullptr;
  }
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
    thread.copies.clear();
    thread.group_ends.clear();
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
      thread.copies.clear();
      thread.group_ends.clear();
      ++self.ended_;
      if (self.ready_begin_ != self.ready_end_) break;
    }
    self.free_.push_back(fiber);
    self.go_on(fiber);
  }
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

// ---- faults

namespace {

struct sigaction previous_segv, previous_bus;

void pass_on(const struct sigaction& previous, int signal, siginfo_t* info, void* context) {
  if ((previous.sa_flags & SA_SIGINFO) != 0) {
    previous.sa_sigaction(signal, info, context);
  } else if (previous.sa_handler != SIG_DFL && previous.sa_handler != SIG_IGN) {
    previous.sa_handler(signal);
  } else {
    sigaction(signal, &previous, nullptr);  // the fault comes again
  }
}

// A fault in kernel code is the kernel's and ends its block; any other belongs to the process, which
// is a JVM that uses such faults itself.
void on_fault(int signal, siginfo_t* info, void* context) {
  Worker* worker = worker_here;
  if (worker == nullptr) {
    pass_on(signal == SIGBUS ? previous_bus : previous_segv, signal, info, context);
    return;
  }
  bool no_address = signal == SIGSEGV && info->si_code == SI_KERNEL;
  if (no_address) {
    worker->fail(kMisalignedAddress, "an access that is not aligned, or far outside of memory");
  }
  char at[32];
  std::snprintf(at, sizeof(at), "%p", info->si_addr);
  worker->fail(kIllegalAddress, std::string("illegal access at ") + at + ", " + nearest_allocation(info->si_addr));
}

}  // namespace

void install_fault_handler() {
  struct sigaction action{};
  action.sa_sigaction = on_fault;
  action.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER | SA_RESTART;
  sigaction(SIGSEGV, &action, &previous_segv);
  sigaction(SIGBUS, &action, &previous_bus);
}

void enter(Worker& worker) {
  stack_t stack{};
  stack.ss_sp = worker.signal_stack_.data();
  stack.ss_size = worker.signal_stack_.size();
  sigaltstack(&stack, &worker.previous_stack_);
  worker_here = &worker;
}

void leave(Worker& worker) {
  worker_here = nullptr;
  sigaltstack(&worker.previous_stack_, nullptr);
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

// What the copy will overwrite is unknown until it is done.
void emu_copy_async(void* shared, const void* global, int bytes, bool valid) {
  if ((reinterpret_cast<size_t>(shared) | (valid ? reinterpret_cast<size_t>(global) : 0)) % bytes != 0) {
    emu_fail(emulator::kMisalignedAddress, "an asynchronous copy is not aligned to its size");
  }
  std::memset(shared, 0xff, bytes);
  worker_here->thread().copies.push_back({shared, valid ? global : nullptr, bytes});
}

void emu_copy_commit() {
  auto& thread = worker_here->thread();
  thread.group_ends.push_back(thread.copies.size());
}

void emu_copy_wait(int pending) {
  auto& thread = worker_here->thread();
  if (thread.group_ends.size() <= static_cast<size_t>(pending)) return;
  size_t groups = thread.group_ends.size() - pending;
  size_t copies = thread.group_ends[groups - 1];
  for (size_t i = 0; i < copies; ++i) {
    const auto& copy = thread.copies[i];
    if (copy.global != nullptr) {
      std::memcpy(copy.shared, copy.global, copy.bytes);
    } else {
      std::memset(copy.shared, 0, copy.bytes);
    }
  }
  thread.copies.erase(thread.copies.begin(), thread.copies.begin() + copies);
  thread.group_ends.erase(thread.group_ends.begin(), thread.group_ends.begin() + groups);
  for (size_t& end : thread.group_ends) end -= copies;
}
