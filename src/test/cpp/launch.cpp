// Kernels by name, and their grids, whose blocks are shared by processor threads.
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <numeric>
#include <thread>
#include <vector>

#include "driver.h"

namespace emulator {
namespace {

std::map<std::string, emu_kernel>& kernels() {
  static std::map<std::string, emu_kernel> all;
  return all;
}

// A grid under way.
class Run {
 public:
  explicit Run(const Grid& grid)
      : grid_(grid), blocks_(uint64_t{grid.blocks.x} * grid.blocks.y * grid.blocks.z) {
    if (settings().order == Order::random) {
      step_ = settings().seed * 0x9e3779b97f4a7c15u % blocks_ | 1;
      while (std::gcd(step_, blocks_) != 1) ++step_;
    }
    uint64_t workers = worker_count();
    share_ = std::max<uint64_t>(1, blocks_ / (workers * 8));
  }

  // Worth a second processor thread?
  bool is_large() const {
    return blocks_ > 1 && blocks_ * grid_.threads.x * grid_.threads.y * grid_.threads.z >= 4096;
  }

  void work(Worker& worker) {
    enter(worker);
    uint64_t from;
    while (!failed_ && (from = next_.fetch_add(share_)) < blocks_) {
      uint64_t to = std::min(blocks_, from + share_);
      for (uint64_t i = from; i < to && !failed_; ++i) {
        if (!run_block(worker, grid_, place(i)) && !failed_.exchange(true)) failure_ = failure(worker);
      }
    }
    leave(worker);
  }

  static unsigned worker_count() {
    unsigned wanted = settings().threads != 0 ? settings().threads : std::thread::hardware_concurrency();
    return std::max(1u, wanted);
  }

  bool failed() const { return failed_; }
  const Failure& why() const { return failure_; }

 private:
  // Which block is the ith.
  uint64_t place(uint64_t i) const {
    switch (settings().order) {
      case Order::reverse:
        return blocks_ - 1 - i;
      case Order::random:
        return static_cast<uint64_t>(static_cast<unsigned __int128>(i) * step_ % blocks_);
      default:
        return i;
    }
  }

  const Grid& grid_;
  uint64_t blocks_;
  uint64_t share_ = 1;
  uint64_t step_ = 1;
  std::atomic<uint64_t> next_{0};
  std::atomic<bool> failed_{false};
  Failure failure_{0, ""};
};

// Helpers that wait for runs; the caller's thread works too.
class Pool {
 public:
  void work(Run& run) {
    std::lock_guard<std::mutex> one_at_a_time(turn_);
    unsigned helpers = run.is_large() ? Run::worker_count() - 1 : 0;
    while (made_ < helpers) start_helper();
    if (helpers > 0) {
      std::lock_guard<std::mutex> guard(lock_);
      run_ = &run;
      wanted_ = helpers;
      wake_.notify_all();
    }
    if (own_ == nullptr) own_ = make_worker();
    run.work(*own_);
    if (helpers > 0) {
      std::unique_lock<std::mutex> guard(lock_);
      wanted_ = 0;
      done_.wait(guard, [this] { return busy_ == 0; });
    }
  }

 private:
  void start_helper() {
    ++made_;
    std::thread([this] {
      Worker* worker = make_worker();
      for (;;) {
        std::unique_lock<std::mutex> guard(lock_);
        wake_.wait(guard, [this] { return wanted_ > 0; });
        --wanted_;
        ++busy_;
        Run& run = *run_;
        guard.unlock();
        run.work(*worker);
        guard.lock();
        if (--busy_ == 0) done_.notify_all();
      }
    }).detach();
  }

  std::mutex turn_;
  std::mutex lock_;
  std::condition_variable wake_, done_;
  Run* run_ = nullptr;
  unsigned made_ = 0, wanted_ = 0, busy_ = 0;
  Worker* own_ = nullptr;
};

Pool& pool() {
  static Pool& lives_as_long_as_its_threads = *new Pool();
  return lives_as_long_as_its_threads;
}

// The launch that is to fail, counted down.
bool fails_by_command(const std::string& kernel) {
  static std::mutex counting;
  std::lock_guard<std::mutex> guard(counting);
  Settings& s = settings();
  if (s.fail_after == 0 || --s.fail_after > 0) return false;
  s.fail_after = --s.fail_times > 0 ? s.fail_every : 0;
  stand(s.fail_code, "kernel " + kernel + ": failed by command");
  return true;
}

}  // namespace

const emu_kernel* find_kernel(const std::string& name) {
  auto found = kernels().find(name);
  return found == kernels().end() ? nullptr : &found->second;
}

int run_grid(const Grid& grid) {
  if (int standing = standing_error(); standing != 0) return standing;
  if (fails_by_command(grid.kernel->name)) return standing_error();
  Run run(grid);
  pool().work(run);
  return run.failed() ? stand(run.why().code, run.why().message) : 0;
}

}  // namespace emulator

int emu_register(const emu_kernel& kernel) {
  emulator::kernels()[kernel.name] = kernel;
  return 0;
}
