// Streams, events, copies and graphs. Work runs when it is submitted, so every stream is always idle.
#include <chrono>
#include <memory>
#include <mutex>
#include <vector>

#include "driver.h"

namespace emulator {
namespace {

using Clock = std::chrono::steady_clock;
using Work = std::vector<std::function<int()>>;

struct Stream {
  std::shared_ptr<Work> captured;  // shared by the streams that took part in one capture
  bool origin = false;
};

struct Event {
  Clock::time_point at;
  bool recorded = false;
  std::shared_ptr<Work> captured;
};

Stream& stream_of(void* stream) {
  static Stream standard;
  return stream == nullptr ? standard : *static_cast<Stream*>(stream);
}

}  // namespace

bool is_capturing(void* stream) { return stream_of(stream).captured != nullptr; }

int submit(void* stream, std::function<int()> work) {
  Stream& s = stream_of(stream);
  if (s.captured == nullptr) return work();
  s.captured->push_back(std::move(work));
  return 0;
}

}  // namespace emulator

using namespace emulator;

// ---- streams and events

DRIVER cuStreamCreate(void** stream, unsigned) {
  REQUIRE_CONTEXT();
  *stream = new Stream();
  return 0;
}

DRIVER cuStreamCreateWithPriority(void** stream, unsigned flags, int) { return cuStreamCreate(stream, flags); }

DRIVER cuStreamDestroy_v2(void* stream) {
  delete static_cast<Stream*>(stream);
  return standing_error();
}

static int synchronised() {
  std::string overrun = check_red_zones();
  return overrun.empty() ? standing_error() : stand(kIllegalAddress, overrun);
}

DRIVER cuStreamSynchronize(void* stream) {
  REQUIRE_CONTEXT();
  if (is_capturing(stream)) return kStreamCaptureUnsupported;
  return synchronised();
}

DRIVER cuCtxSynchronize() {
  REQUIRE_CONTEXT();
  return synchronised();
}

DRIVER cuStreamQuery(void*) { return standing_error(); }

DRIVER cuEventCreate(void** event, unsigned) {
  REQUIRE_CONTEXT();
  *event = new Event();
  return 0;
}

DRIVER cuEventDestroy_v2(void* event) {
  delete static_cast<Event*>(event);
  return standing_error();
}

DRIVER cuEventRecord(void* event, void* stream) {
  REQUIRE_CONTEXT();
  Event& e = *static_cast<Event*>(event);
  e.captured = stream_of(stream).captured;
  e.at = Clock::now();
  e.recorded = e.captured == nullptr;
  return 0;
}

DRIVER cuEventQuery(void*) { return standing_error(); }
DRIVER cuEventSynchronize(void*) { return standing_error(); }

DRIVER cuEventElapsedTime(float* millis, void* from, void* to) {
  const Event& a = *static_cast<Event*>(from);
  const Event& b = *static_cast<Event*>(to);
  if (!a.recorded || !b.recorded) return kInvalidHandle;
  *millis = std::chrono::duration<float, std::milli>(b.at - a.at).count();
  return 0;
}

// A stream that waits for a captured event takes part in that capture.
DRIVER cuStreamWaitEvent(void* stream, void* event, unsigned) {
  REQUIRE_CONTEXT();
  const Event& e = *static_cast<Event*>(event);
  if (e.captured != nullptr) stream_of(stream).captured = e.captured;
  return 0;
}

// ---- graphs: what was submitted, in that order

DRIVER cuStreamBeginCapture_v2(void* stream, int) {
  REQUIRE_CONTEXT();
  Stream& s = stream_of(stream);
  if (stream == nullptr || s.captured != nullptr) return kStreamCaptureUnsupported;
  s.captured = std::make_shared<Work>();
  s.origin = true;
  return 0;
}

DRIVER cuStreamIsCapturing(void* stream, int* status) {
  *status = is_capturing(stream) ? 1 : 0;
  return 0;
}

DRIVER cuStreamEndCapture(void* stream, void** graph) {
  Stream& s = stream_of(stream);
  if (s.captured == nullptr || !s.origin) return kStreamCaptureInvalidated;
  *graph = new Work(*s.captured);
  s.captured = nullptr;
  s.origin = false;
  return 0;
}

DRIVER cuThreadExchangeStreamCaptureMode(int*) { return 0; }

DRIVER cuGraphInstantiateWithFlags(void** executable, void* graph, unsigned long long) {
  REQUIRE_CONTEXT();
  *executable = new Work(*static_cast<Work*>(graph));
  return 0;
}

DRIVER cuGraphUpload(void*, void*) { return 0; }

DRIVER cuGraphLaunch(void* executable, void* stream) {
  REQUIRE_CONTEXT();
  if (is_capturing(stream)) return kStreamCaptureUnsupported;
  for (auto& work : *static_cast<Work*>(executable)) {
    if (int result = work(); result != 0) return result;
  }
  return 0;
}

DRIVER cuGraphDestroy(void* graph) {
  delete static_cast<Work*>(graph);
  return 0;
}

DRIVER cuGraphExecDestroy(void* executable) {
  delete static_cast<Work*>(executable);
  return 0;
}

// ---- copies

// Copies on streams read and write when they run, which a graph may do later.
static int copy(void* to, const void* from, size_t bytes, void* stream) {
  REQUIRE_CONTEXT();
  return submit(stream, [=] {
    std::memmove(to, from, bytes);
    return 0;
  });
}

DRIVER cuMemcpyHtoD_v2(void* to, const void* from, size_t bytes) { return copy(to, from, bytes, nullptr); }
DRIVER cuMemcpyDtoH_v2(void* to, const void* from, size_t bytes) {
  REQUIRE_CONTEXT();
  int result = synchronised();
  return result != 0 ? result : copy(to, from, bytes, nullptr);
}
DRIVER cuMemcpyDtoD_v2(void* to, const void* from, size_t bytes) { return copy(to, from, bytes, nullptr); }
DRIVER cuMemcpyHtoDAsync_v2(void* to, const void* from, size_t bytes, void* stream) {
  return copy(to, from, bytes, stream);
}
DRIVER cuMemcpyDtoHAsync_v2(void* to, const void* from, size_t bytes, void* stream) {
  return copy(to, from, bytes, stream);
}
DRIVER cuMemcpyDtoDAsync_v2(void* to, const void* from, size_t bytes, void* stream) {
  return copy(to, from, bytes, stream);
}
DRIVER cuMemcpy(void* to, const void* from, size_t bytes) { return copy(to, from, bytes, nullptr); }
DRIVER cuMemcpyAsync(void* to, const void* from, size_t bytes, void* stream) { return copy(to, from, bytes, stream); }

template <class T>
static int set(void* to, T value, size_t count, void* stream) {
  REQUIRE_CONTEXT();
  return submit(stream, [=] {
    std::fill_n(static_cast<T*>(to), count, value);
    return 0;
  });
}

DRIVER cuMemsetD8_v2(void* to, unsigned char value, size_t count) { return set(to, value, count, nullptr); }
DRIVER cuMemsetD8Async(void* to, unsigned char value, size_t count, void* stream) {
  return set(to, value, count, stream);
}
DRIVER cuMemsetD32_v2(void* to, unsigned value, size_t count) { return set(to, value, count, nullptr); }
DRIVER cuMemsetD32Async(void* to, unsigned value, size_t count, void* stream) {
  return set(to, value, count, stream);
}
