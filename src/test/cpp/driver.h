// For the files that export functions of the driver's interface.
#pragma once
#include <algorithm>
#include <cstdlib>

#include "emulator.h"

#define DRIVER extern "C" __attribute__((visibility("default"))) int
// A call without a current context, or after a kernel's error, fails as on a device.
#define REQUIRE_CONTEXT()                                                          \
  do {                                                                             \
    if (!emulator::has_context()) return emulator::kInvalidContext;                \
    if (int standing = emulator::standing_error(); standing != 0) return standing; \
  } while (false)

namespace emulator {

bool has_context();

// Runs the work now, or keeps it for the graph that the stream captures.
int submit(void* stream, std::function<int()> work);
bool is_capturing(void* stream);

}  // namespace emulator
