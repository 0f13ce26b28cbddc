// CUDA C++ for g++: what a kernel file needs to run on the emulated driver. Threads of a block are
// fibers of one processor thread; they change places only inside the functions declared here.
//
// A kernel sees: shared memory and fresh device memory full of 0xff bytes (float NaN), asynchronous
// copies that do nothing until they are waited for, guard pages behind allocations, and threads run in
// an order that a test chooses. See emulator.h for the rest.
#pragma once
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <utility>

// Of C's headers NVRTC, which compiles kernel files too, has the functions but not these.
#undef HUGE_VAL
#undef HUGE_VALF
#undef INFINITY
#undef NAN

#define __global__
#define __device__
#define __host__
#define __constant__ static
#define __shared__ static __thread
#define __forceinline__ inline __attribute__((always_inline))
#define __launch_bounds__(...)
#define __align__(bytes) __attribute__((aligned(bytes)))

struct uint3 {
  unsigned x, y, z;
};
#define EMU_THREAD_LOCAL __thread __attribute__((tls_model("initial-exec"), visibility("default")))
extern EMU_THREAD_LOCAL uint3 threadIdx, blockIdx, blockDim, gridDim;
extern EMU_THREAD_LOCAL unsigned char* emu_dynamic_shared;
constexpr int warpSize = 32;

#define EMU_API __attribute__((visibility("default")))
// Work of a whole warp, done by the last of its lanes to arrive: lanes[i] is what lane i brought, null
// where i is not in the mask or not in the block.
using emu_warp_work = void (*)(void* const* lanes);

EMU_API void emu_barrier();
EMU_API void emu_warp(unsigned mask, emu_warp_work work, void* lane);
EMU_API void emu_copy_async(void* shared, const void* global, int bytes, bool valid);
EMU_API void emu_copy_commit();
EMU_API void emu_copy_wait(int pending);
[[noreturn]] EMU_API void emu_fail(int code, const char* what);

// ---- kernels by name

struct emu_kernel {
  const char* name;
  void (*run)(void** arguments);
  const size_t* argument_bytes;
  size_t arguments;
  void* (*thread_storage)();  // an address in the calling thread's shared variables of this file
  const char* file;
};
EMU_API int emu_register(const emu_kernel& kernel);

static __thread char emu_thread_storage_mark;
[[maybe_unused]] static void* emu_thread_storage() { return &emu_thread_storage_mark; }

template <class T>
inline T emu_argument(const void* at) {
  T value;
  std::memcpy(&value, at, sizeof(T));
  return value;
}

template <auto function>
struct emu_entry;

template <class... A, void (*function)(A...)>
struct emu_entry<function> {
  static constexpr size_t bytes[sizeof...(A) + 1] = {sizeof(A)...};

  template <size_t... i>
  static void call(void** arguments, std::index_sequence<i...>) {
    function(emu_argument<A>(arguments[i])...);
  }

  static void run(void** arguments) { call(arguments, std::index_sequence_for<A...>{}); }

  static emu_kernel kernel(const char* name, const char* file) {
    return {name, run, bytes, sizeof...(A), emu_thread_storage, file};
  }
};

#define SAGITTA_KERNEL(name) \
  static const int emu_registered_##name = emu_register(emu_entry<&name>::kernel(#name, __FILE__));
#define DYNAMIC_SHARED(type, name) type* name = reinterpret_cast<type*>(emu_dynamic_shared)

#include "intrinsics.h"
#include "warp.h"
#include "tensor_core.h"
