// Device memory: every allocation ends at an unreadable page and begins poisoned.
#include <sys/mman.h>
#include <unistd.h>

#include <cstdio>
#include <map>
#include <mutex>

#include "driver.h"

namespace emulator {
namespace {

constexpr size_t kAlignment = 256;  // what cuMemAlloc promises
constexpr unsigned char kRedZone = 0xff;  // NaN for who reads it

std::mutex lock;
std::map<const unsigned char*, Guarded> allocations;
size_t used;

}  // namespace

// The bytes between the end and the unreadable page are a red zone.
Guarded map_guarded(size_t bytes, size_t alignment) {
  size_t page = static_cast<size_t>(sysconf(_SC_PAGESIZE));
  size_t rounded = (bytes + alignment - 1) / alignment * alignment;
  size_t readable = (rounded + page - 1) / page * page;
  size_t mapped = readable + 2 * page;
  void* at = mmap(nullptr, mapped, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (at == MAP_FAILED) return {nullptr, 0, nullptr, 0};
  unsigned char* base = static_cast<unsigned char*>(at);
  if (mprotect(base + page, readable, PROT_READ | PROT_WRITE) != 0) {
    munmap(at, mapped);
    return {nullptr, 0, nullptr, 0};
  }
  unsigned char* begin = base + page + readable - rounded;
  std::memset(base + page, kRedZone, readable);
  std::memset(begin, 0xff, bytes);
  return {base, mapped, begin, bytes};
}

void unmap(const Guarded& region) { munmap(region.base, region.mapped); }

static bool is_red(const unsigned char* from, const unsigned char* to) {
  return from == to || (*from == kRedZone && std::memcmp(from, from + 1, to - from - 1) == 0);
}

static std::string check_red_zone(const Guarded& region) {
  size_t page = static_cast<size_t>(sysconf(_SC_PAGESIZE));
  const unsigned char* first = region.base + page;
  const unsigned char* last = region.base + region.mapped - page;
  const unsigned char* end = region.begin + region.bytes;
  if (is_red(end, last) && is_red(first, region.begin)) return "";
  const unsigned char* at = end;
  while (at < last && *at == kRedZone) ++at;
  bool behind = at < last;
  if (!behind) at = region.begin - 1;
  while (!behind && *at == kRedZone) --at;
  return std::to_string(behind ? at - end : region.begin - at) +
         (behind ? " bytes past the end of" : " bytes before") + " an allocation of " +
         std::to_string(region.bytes) + " bytes were written";
}

std::string check_red_zones() {
  std::lock_guard<std::mutex> guard(lock);
  for (const auto& entry : allocations) {
    std::string found = check_red_zone(entry.second);
    if (!found.empty()) return found;
  }
  return "";
}

// Runs in a fault handler of a kernel's thread, which holds no lock, since kernels do not allocate.
std::string nearest_allocation(const void* address) {
  std::lock_guard<std::mutex> guard(lock);
  const unsigned char* at = static_cast<const unsigned char*>(address);
  auto next = allocations.upper_bound(at);
  const Guarded* nearest = next == allocations.end() ? nullptr : &next->second;
  if (next != allocations.begin()) {
    const Guarded& before = std::prev(next)->second;
    if (nearest == nullptr || at - (before.begin + before.bytes) < nearest->begin - at) nearest = &before;
  }
  if (nearest == nullptr) return "where nothing is allocated";
  char text[160];
  bool after = at >= nearest->begin;
  long long distance = after ? at - (nearest->begin + nearest->bytes) : nearest->begin - at;
  std::snprintf(text, sizeof(text), "%lld bytes %s the allocation of %zu bytes at %p", distance,
                after ? "after the end of" : "before", nearest->bytes, static_cast<void*>(nearest->begin));
  return text;
}

}  // namespace emulator

using namespace emulator;

DRIVER cuMemAlloc_v2(void** pointer, size_t bytes) {
  REQUIRE_CONTEXT();
  if (pointer == nullptr || bytes == 0) return kInvalidValue;
  std::lock_guard<std::mutex> guard(lock);
  if (bytes > settings().memory - std::min(used, settings().memory)) return kOutOfMemory;
  Guarded region = map_guarded(bytes, kAlignment);
  if (region.begin == nullptr) return kOutOfMemory;
  allocations[region.begin] = region;
  used += bytes;
  *pointer = region.begin;
  return 0;
}

DRIVER cuMemFree_v2(void* pointer) {
  std::lock_guard<std::mutex> guard(lock);
  auto found = allocations.find(static_cast<unsigned char*>(pointer));
  if (found == allocations.end()) return pointer == nullptr ? 0 : kInvalidValue;
  std::string overrun = check_red_zone(found->second);
  used -= found->second.bytes;
  unmap(found->second);
  allocations.erase(found);
  return overrun.empty() ? standing_error() : stand(kIllegalAddress, overrun);
}

DRIVER cuMemGetInfo_v2(size_t* free, size_t* total) {
  REQUIRE_CONTEXT();
  std::lock_guard<std::mutex> guard(lock);
  *total = settings().memory;
  *free = settings().memory - std::min(used, settings().memory);
  return 0;
}

DRIVER cuMemGetAddressRange_v2(void** base, size_t* bytes, void* pointer) {
  std::lock_guard<std::mutex> guard(lock);
  auto next = allocations.upper_bound(static_cast<unsigned char*>(pointer));
  if (next == allocations.begin()) return kNotFound;
  const Guarded& region = std::prev(next)->second;
  if (static_cast<unsigned char*>(pointer) >= region.begin + region.bytes) return kNotFound;
  if (base != nullptr) *base = region.begin;
  if (bytes != nullptr) *bytes = region.bytes;
  return 0;
}

DRIVER cuMemAllocAsync(void** pointer, size_t bytes, void*) { return cuMemAlloc_v2(pointer, bytes); }
DRIVER cuMemFreeAsync(void* pointer, void*) { return cuMemFree_v2(pointer); }

DRIVER cuMemAllocHost_v2(void** pointer, size_t bytes) {
  REQUIRE_CONTEXT();
  *pointer = aligned_alloc(4096, (bytes + 4095) / 4096 * 4096);
  return *pointer == nullptr ? kOutOfMemory : 0;
}

DRIVER cuMemHostAlloc(void** pointer, size_t bytes, unsigned) { return cuMemAllocHost_v2(pointer, bytes); }

DRIVER cuMemFreeHost(void* pointer) {
  free(pointer);
  return 0;
}
