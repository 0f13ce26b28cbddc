// A libcuda.so.1 whose device does nothing: memory is the host's, a launch returns at once. What a
// program costs on it is what the program itself costs on the host.
#include <cstdlib>
#include <cstring>

namespace {

char thing;  // what every handle points to

int handle(void** out) {
  *out = &thing;
  return 0;
}

int allocate(void** out, size_t bytes) {
  *out = aligned_alloc(256, (bytes + 255) / 256 * 256);
  return *out == nullptr ? 2 : 0;
}

}  // namespace

#define DRIVER extern "C" int

DRIVER cuInit(unsigned) { return 0; }
DRIVER cuDriverGetVersion(int* version) { return *version = 12060, 0; }
DRIVER cuGetErrorName(int, const char** name) { return *name = "CUDA_ERROR", 0; }
DRIVER cuGetErrorString(int, const char** text) { return *text = "refused by the driver that does nothing", 0; }

DRIVER cuDeviceGetCount(int* count) { return *count = 1, 0; }
DRIVER cuDeviceGet(int* device, int) { return *device = 0, 0; }
DRIVER cuDeviceGetName(char* name, int bytes, int) { return strncpy(name, "a device that does nothing", bytes), 0; }
DRIVER cuDeviceTotalMem_v2(size_t* bytes, int) { return *bytes = size_t{64} << 30, 0; }
DRIVER cuDeviceGetUuid(void* uuid, int) { return memset(uuid, 0, 16), 0; }
DRIVER cuDeviceGetUuid_v2(void* uuid, int) { return memset(uuid, 0, 16), 0; }
DRIVER cuDeviceGetAttribute(int* value, int attribute, int) {
  switch (attribute) {
    case 75: *value = 9; break;                // compute capability, major
    case 76: *value = 0; break;                // and minor
    case 16: *value = 132; break;              // multiprocessors
    case 97: *value = 227 * 1024; break;       // shared memory of a block, on request
    default: *value = 1024;
  }
  return 0;
}

DRIVER cuDevicePrimaryCtxRetain(void** context, int) { return handle(context); }
DRIVER cuDevicePrimaryCtxRelease_v2(int) { return 0; }
DRIVER cuCtxSetCurrent(void*) { return 0; }
DRIVER cuCtxGetCurrent(void** context) { return handle(context); }
DRIVER cuCtxSynchronize() { return 0; }

DRIVER cuMemAlloc_v2(void** address, size_t bytes) { return allocate(address, bytes); }
DRIVER cuMemFree_v2(void* address) { return free(address), 0; }
DRIVER cuMemAllocHost_v2(void** address, size_t bytes) { return allocate(address, bytes); }
DRIVER cuMemFreeHost(void* address) { return free(address), 0; }
DRIVER cuMemGetInfo_v2(size_t* available, size_t* total) { return *available = *total = size_t{64} << 30, 0; }
DRIVER cuMemcpyHtoDAsync_v2(void* to, const void* from, size_t bytes, void*) { return memcpy(to, from, bytes), 0; }
DRIVER cuMemcpyDtoHAsync_v2(void* to, const void* from, size_t bytes, void*) { return memcpy(to, from, bytes), 0; }
DRIVER cuMemcpyDtoDAsync_v2(void* to, const void* from, size_t bytes, void*) { return memcpy(to, from, bytes), 0; }

DRIVER cuStreamCreate(void** stream, unsigned) { return handle(stream); }
DRIVER cuStreamDestroy_v2(void*) { return 0; }
DRIVER cuStreamSynchronize(void*) { return 0; }
DRIVER cuEventCreate(void** event, unsigned) { return handle(event); }
DRIVER cuEventDestroy_v2(void*) { return 0; }
DRIVER cuEventRecord(void*, void*) { return 0; }
DRIVER cuEventSynchronize(void*) { return 0; }
DRIVER cuEventQuery(void*) { return 0; }
DRIVER cuEventElapsedTime(float* millis, void*, void*) { return *millis = 0, 0; }

DRIVER cuModuleLoadData(void** module, const void*) { return handle(module); }
DRIVER cuModuleUnload(void*) { return 0; }
DRIVER cuModuleGetFunction(void** function, void*, const char*) { return handle(function); }
DRIVER cuFuncSetAttribute(void*, int, int) { return 0; }
DRIVER cuLaunchKernel(void*, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned, void*, void**,
                      void**) {
  return 0;
}
