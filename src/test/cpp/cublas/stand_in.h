// What the stand-ins for NVIDIA's libraries share. They compute by plain loops on the emulated
// driver's memory, which is the host's, once everything before them on their stream is done.
#pragma once
#include <dlfcn.h>

#include <cstdint>
#include <cstring>

// Waits for a stream of the driver that is in the process.
inline bool wait_for(void* stream) {
  static void* driver = dlopen("libcuda.so.1", RTLD_LAZY | RTLD_NOLOAD);
  if (driver == nullptr) return false;
  auto synchronize = reinterpret_cast<int (*)(void*)>(dlsym(driver, "cuStreamSynchronize"));
  return synchronize != nullptr && synchronize(stream) == 0;
}

// x as a product with TF32 operands takes it: 10 bits after the point, nearest.
inline float operand(float x, bool tf32) {
  uint32_t bits;
  std::memcpy(&bits, &x, sizeof bits);
  if (tf32 && (bits & 0x7f800000) != 0x7f800000) bits = (bits + 0x1000) & ~0x1fffu;
  std::memcpy(&x, &bits, sizeof bits);
  return x;
}
