// A program that bench/gpu/trace.cpp is linked into, with a CUPTI of its own that hands over records
// made up here: ten of a kernel, of which every other one overlaps the one before, then one of a
// library's and a copy.
#include <cupti.h>

#include <cstdlib>

extern "C" int InitializeInjection();

namespace {

constexpr uint64_t BEGIN = 1000000;  // nanoseconds
CUpti_BuffersCallbackRequestFunc request;
CUpti_BuffersCallbackCompleteFunc complete;

struct Records {
  CUpti_ActivityKernel10 kernels[11];
  CUpti_ActivityMemcpy6 copy;
} records;

int given;

void fill(int i, uint64_t begin, uint64_t nanos, const char* name) {
  CUpti_ActivityKernel10& k = records.kernels[i];
  k.kind = CUPTI_ACTIVITY_KIND_CONCURRENT_KERNEL;
  k.start = BEGIN + begin;
  k.end = k.start + nanos;
  k.name = name;
  k.gridX = 7, k.gridY = 2, k.gridZ = 1;
  k.blockX = 128, k.blockY = k.blockZ = 1;
  k.registersPerThread = 40;
}

}  // namespace

CUptiResult cuptiGetResultString(CUptiResult, const char** text) {
  *text = "made up";
  return CUPTI_SUCCESS;
}

CUptiResult cuptiActivityRegisterCallbacks(
    CUpti_BuffersCallbackRequestFunc asks, CUpti_BuffersCallbackCompleteFunc gives) {
  request = asks;
  complete = gives;
  return CUPTI_SUCCESS;
}

CUptiResult cuptiActivityEnable(CUpti_ActivityKind) { return CUPTI_SUCCESS; }

CUptiResult cuptiActivityGetNumDroppedRecords(CUcontext, uint32_t, size_t* dropped) {
  *dropped = getenv("STAND_IN_DROPS") == nullptr ? 0 : 3;
  return CUPTI_SUCCESS;
}

CUptiResult cuptiActivityGetNextRecord(uint8_t*, size_t, CUpti_Activity** record) {
  if (given == 12) return CUPTI_ERROR_MAX_LIMIT_REACHED;
  *record = given < 11 ? reinterpret_cast<CUpti_Activity*>(&records.kernels[given])
                       : reinterpret_cast<CUpti_Activity*>(&records.copy);
  given++;
  return CUPTI_SUCCESS;
}

CUptiResult cuptiActivityFlushAll(uint32_t) {
  uint8_t* buffer;
  size_t bytes, most;
  request(&buffer, &bytes, &most);
  complete(nullptr, 0, buffer, bytes, bytes);
  return CUPTI_SUCCESS;
}

// Kernels of 100 µs begin at 0, 50, 200, 250 … 850 µs: each pair takes 150 µs of its 200. The
// library's is from 1000 to 1400 µs, the copy from 1900 to 2000 µs.
int main() {
  for (int i = 0; i < 10; i++) fill(i, 200000 * (i / 2) + 50000 * (i % 2), 100000, "own_kernel");
  fill(10, 1000000, 400000, "_ZN3lib4gemmEi");
  records.copy.kind = CUPTI_ACTIVITY_KIND_MEMCPY;
  records.copy.copyKind = CUPTI_ACTIVITY_MEMCPY_KIND_DTOH;
  records.copy.start = BEGIN + 1900000;
  records.copy.end = BEGIN + 2000000;
  records.copy.bytes = 4096;
  return InitializeInjection() == 1 ? 0 : 1;
}
