// The emulated driver's parts: a libcuda.so.1 whose device is this machine's processor.
//
// Calls run at once: a launch returns when its kernel has ended, with its error; those of several host
// threads take turns. As on a device, an error of a kernel stays for all later calls, whichever stream
// they are for; it goes when the primary context's last holder lets go.
//
// Every allocation ends at an unreadable page, up to the 256 bytes to which sizes are rounded; what lies
// between, and before it, is a red zone, looked at whenever a call waits. A fault is the kernel's error
// 700, an access that is not aligned to its type 716, a barrier that not all threads reach 719. An
// allocation that is not of cuMemAlloc but cut out of one has no page of its own: tests ask for
// sagitta.cuda.memory=exact.
//
// Commands. cuModuleLoad("emulated:NAME=VALUE") sets one of these, at any time and without a context;
// the environment variable SAGITTA_EMULATED gives first values, "NAME=VALUE,NAME=VALUE":
//   order=forward|reverse|random   in which threads and blocks run           (forward)
//   seed=N                         of the random order                       (1)
//   threads=N                      processor threads that share the blocks   (all there are)
//   devices=N                      what cuDeviceGetCount says                (1)
//   version=N                      what cuDriverGetVersion says              (12060)
//   capability=N                   the device's, 90 for 9.0                  (90)
//   memory=N                       device bytes; beyond them error 2         (64 GiB)
//   image=CODE                     what loading an image of kernels returns  (0)
//   fail=N:CODE[:TIMES]            the Nth launch from now fails with CODE, and the Nth after it, until
//                                  TIMES have failed                         (none; once)
//   kernels=PATH                   loads a library of kernels
// cuModuleLoad of another path loads a library of kernels as well.
#pragma once
#include <atomic>
#include <cstdint>
#include <functional>
#include <string>

#include "emulation.h"

namespace emulator {

enum class Order { forward, reverse, random };

struct Settings {
  Order order = Order::forward;
  uint64_t seed = 1;
  unsigned threads = 0;
  int devices = 1;
  int version = 12060;
  int capability = 90;
  size_t memory = size_t{64} << 30;
  int image = 0;
  int64_t fail_every = 0;
  int64_t fail_after = 0;
  int fail_code = 0;
  int fail_times = 0;
};
Settings& settings();

// ---- errors

constexpr int kInvalidValue = 1;
constexpr int kOutOfMemory = 2;
constexpr int kInvalidDevice = 101;
constexpr int kInvalidContext = 201;
constexpr int kFileNotFound = 301;
constexpr int kInvalidHandle = 400;
constexpr int kNotFound = 500;
constexpr int kIllegalAddress = 700;
constexpr int kMisalignedAddress = 716;
constexpr int kLaunchFailed = 719;
constexpr int kStreamCaptureUnsupported = 900;
constexpr int kStreamCaptureInvalidated = 901;

// The error that stays, or 0.
int standing_error();
// Notes an error of a kernel, tells stderr, and returns the code.
int stand(int code, const std::string& message);
void forget_error();
// The last message of this kind of error, or an empty string.
std::string message_of(int code);

// ---- memory

struct Guarded {
  unsigned char* base;
  size_t mapped;
  unsigned char* begin;
  size_t bytes;
};
// Bytes whose end touches an unreadable page, poisoned; begin is null where there is no memory left.
Guarded map_guarded(size_t bytes, size_t alignment);
void unmap(const Guarded& region);
// "4 bytes after the allocation of 512 bytes at 0x…", for a report.
std::string nearest_allocation(const void* address);
// What has been written behind the end of an allocation, or an empty string.
std::string check_red_zones();

// ---- launches

struct Grid {
  const emu_kernel* kernel;
  void** arguments;
  uint3 blocks;
  uint3 threads;
  unsigned shared_bytes;
};

const emu_kernel* find_kernel(const std::string& name);
// Runs a grid to its end: 0 or an error that stands.
int run_grid(const Grid& grid);

// ---- one processor thread at work on blocks

class Worker;
Worker* make_worker();
// Runs one block; false when it failed: then failure() says why.
bool run_block(Worker& worker, const Grid& grid, uint64_t block);
struct Failure {
  int code;
  std::string message;
};
Failure failure(const Worker& worker);
// Called around run_block: faults of this thread are the kernel's.
void enter(Worker& worker);
void leave(Worker& worker);
void install_fault_handler();

}  // namespace emulator
