// Shared memory of a block, which starts as poison, and asynchronous copies into it.
#include <link.h>

#include <map>

#include "worker.h"

EMU_THREAD_LOCAL unsigned char* emu_dynamic_shared;

namespace emulator {
namespace {

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

}  // namespace

void Worker::poison_shared() {
  // Of this thread: a worker may have served another one before.
  thread_local std::map<void* (*)(), std::pair<unsigned char*, size_t>> known;
  auto found = known.find(grid_->kernel->thread_storage);
  if (found == known.end()) {
    auto range = find_static_shared(grid_->kernel->thread_storage);
    found = known.emplace(grid_->kernel->thread_storage, range).first;
  }
  if (found->second.second > 1) std::memset(found->second.first, 0xff, found->second.second);
  size_t bytes = (grid_->shared_bytes + size_t{127}) & ~size_t{127};
  emu_dynamic_shared = shared_.begin + shared_.bytes - bytes;
  std::memset(emu_dynamic_shared, 0xff, bytes);
}

}  // namespace emulator

// ---- what kernels call

using emulator::worker_here;

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
