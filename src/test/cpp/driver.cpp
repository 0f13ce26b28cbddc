// The driver's interface: the library, its device, contexts, modules and launches.
#include <dlfcn.h>
#include <glob.h>

#include <cstdio>
#include <map>
#include <memory>
#include <mutex>
#include <vector>

#include "driver.h"

namespace emulator {
namespace {

constexpr unsigned kStaticSharedLimit = 48 << 10;
constexpr unsigned kSharedLimit = 227 << 10;

struct Function {
  const emu_kernel* kernel;
  unsigned shared_limit = kStaticSharedLimit;
};

int device_context;  // its address is the context
thread_local void* current;
int holders;
std::mutex lock;
std::map<std::string, std::unique_ptr<Function>> functions;
std::atomic<int> error;
std::map<int, std::string> messages;

bool assign(const std::string& name, const std::string& value) {
  Settings& s = settings();
  if (name == "order") {
    s.order = value == "reverse" ? Order::reverse : value == "random" ? Order::random : Order::forward;
    return value == "forward" || s.order != Order::forward;
  }
  if (name == "kernels") {
    bool loaded = dlopen(value.c_str(), RTLD_NOW | RTLD_LOCAL) != nullptr;
    if (!loaded) std::fprintf(stderr, "emulated driver: %s\n", dlerror());
    return loaded;
  }
  if (name == "fail") {
    s.fail_times = 1;
    int read = std::sscanf(value.c_str(), "%ld:%d:%d", &s.fail_every, &s.fail_code, &s.fail_times);
    s.fail_after = s.fail_every;
    return read >= 2;
  }
  unsigned long long number = std::strtoull(value.c_str(), nullptr, 10);
  if (name == "seed") s.seed = number;
  else if (name == "threads") s.threads = static_cast<unsigned>(number);
  else if (name == "devices") s.devices = static_cast<int>(number);
  else if (name == "version") s.version = static_cast<int>(number);
  else if (name == "capability") s.capability = static_cast<int>(number);
  else if (name == "memory") s.memory = number;
  else if (name == "image") s.image = static_cast<int>(number);
  else return false;
  return true;
}

bool command(const std::string& text) {
  size_t equals = text.find('=');
  bool known = equals != std::string::npos && assign(text.substr(0, equals), text.substr(equals + 1));
  if (!known) std::fprintf(stderr, "emulated driver: not a command: %s\n", text.c_str());
  return known;
}

// The project's kernels lie beside this library, one library a file.
void load_kernels() {
  Dl_info here;
  if (dladdr(reinterpret_cast<void*>(&load_kernels), &here) == 0) return;
  std::string path = here.dli_fname;
  glob_t found;
  std::string pattern = path.substr(0, path.rfind('/')) + "/*.kernels.so";
  if (glob(pattern.c_str(), 0, nullptr, &found) == 0) {
    for (size_t i = 0; i < found.gl_pathc; ++i) assign("kernels", found.gl_pathv[i]);
  }
  globfree(&found);
}

void start() {
  static const bool started = [] {
    install_fault_handler();
    load_kernels();
    const char* given = std::getenv("SAGITTA_EMULATED");
    std::string rest = given == nullptr ? "" : given;
    while (!rest.empty()) {
      size_t comma = rest.find(',');
      command(rest.substr(0, comma));
      rest = comma == std::string::npos ? "" : rest.substr(comma + 1);
    }
    return true;
  }();
  static_cast<void>(started);
}

}  // namespace

Settings& settings() {
  static Settings all;
  return all;
}

bool has_context() { return current != nullptr; }

int standing_error() { return error; }

int stand(int code, const std::string& message) {
  std::lock_guard<std::mutex> guard(lock);
  std::fprintf(stderr, "emulated driver: %s\n", message.c_str());
  messages[code] = message;
  if (error == 0) error = code;
  return code;
}

void forget_error() { error = 0; }

std::string message_of(int code) {
  std::lock_guard<std::mutex> guard(lock);
  auto found = messages.find(code);
  return found == messages.end() ? "" : found->second;
}

}  // namespace emulator

using namespace emulator;

// ---- the library and its device

DRIVER cuInit(unsigned) {
  start();
  return settings().devices == 0 ? 100 : 0;
}

DRIVER cuDriverGetVersion(int* version) {
  start();
  *version = settings().version;
  return 0;
}

DRIVER cuDeviceGetCount(int* count) {
  *count = settings().devices;
  return 0;
}

DRIVER cuDeviceGet(int* device, int ordinal) {
  if (ordinal < 0 || ordinal >= settings().devices) return kInvalidDevice;
  *device = ordinal;
  return 0;
}

DRIVER cuDeviceGetName(char* name, int bytes, int) {
  std::snprintf(name, static_cast<size_t>(bytes), "Emulated device");
  return 0;
}

DRIVER cuDeviceGetUuid(unsigned char* uuid, int device) {
  std::memset(uuid, 0, 16);
  uuid[15] = static_cast<unsigned char>(device);
  return 0;
}

DRIVER cuDeviceGetPCIBusId(char* id, int bytes, int device) {
  std::snprintf(id, static_cast<size_t>(bytes), "0000:%02x:00.0", device);
  return 0;
}

DRIVER cuDeviceTotalMem_v2(size_t* bytes, int) {
  *bytes = settings().memory;
  return 0;
}

// As an H100 would answer, where a program may ask.
DRIVER cuDeviceGetAttribute(int* value, int attribute, int) {
  switch (attribute) {
    case 1: *value = 1024; return 0;                           // threads a block
    case 2: case 3: *value = 1024; return 0;                   // block x, y
    case 4: *value = 64; return 0;                             // block z
    case 5: *value = 0x7fffffff; return 0;                     // grid x
    case 6: case 7: *value = 65535; return 0;                  // grid y, z
    case 8: *value = static_cast<int>(kStaticSharedLimit); return 0;
    case 10: *value = 32; return 0;                            // warp
    case 12: *value = 65536; return 0;                         // registers a block
    case 13: *value = 1980000; return 0;                       // clock, kHz
    case 16: *value = 132; return 0;                           // multiprocessors
    case 36: *value = 2619000; return 0;                       // memory clock, kHz
    case 37: *value = 5120; return 0;                          // memory bus, bits
    case 38: *value = 50 << 20; return 0;                      // L2
    case 39: *value = 2048; return 0;                          // threads a multiprocessor
    case 75: *value = settings().capability / 10; return 0;    // compute capability
    case 76: *value = settings().capability % 10; return 0;
    case 81: *value = 228 << 10; return 0;                     // shared memory a multiprocessor
    case 97: *value = static_cast<int>(kSharedLimit); return 0;  // shared memory a block, opted in
    default: *value = 0; return 0;
  }
}

DRIVER cuDeviceComputeCapability(int* major, int* minor, int) {
  *major = settings().capability / 10;
  *minor = settings().capability % 10;
  return 0;
}

// ---- contexts

DRIVER cuDevicePrimaryCtxRetain(void** context, int device) {
  if (device < 0 || device >= settings().devices) return kInvalidDevice;
  std::lock_guard<std::mutex> guard(lock);
  ++holders;
  *context = &device_context;
  return 0;
}

DRIVER cuDevicePrimaryCtxRelease_v2(int) {
  std::lock_guard<std::mutex> guard(lock);
  if (holders == 0) return kInvalidContext;
  if (--holders == 0) forget_error();
  return 0;
}

DRIVER cuDevicePrimaryCtxRelease(int device) { return cuDevicePrimaryCtxRelease_v2(device); }

DRIVER cuDevicePrimaryCtxReset_v2(int) {
  forget_error();
  return 0;
}

DRIVER cuCtxCreate_v2(void** context, unsigned, int device) {
  int result = cuDevicePrimaryCtxRetain(context, device);
  if (result == 0) current = *context;
  return result;
}

DRIVER cuCtxDestroy_v2(void*) {
  current = nullptr;
  return cuDevicePrimaryCtxRelease_v2(0);
}

DRIVER cuCtxSetCurrent(void* context) {
  current = context;
  return 0;
}

DRIVER cuCtxGetCurrent(void** context) {
  *context = current;
  return 0;
}

DRIVER cuCtxPushCurrent_v2(void* context) {
  current = context;
  return 0;
}

DRIVER cuCtxPopCurrent_v2(void** context) {
  if (context != nullptr) *context = current;
  current = nullptr;
  return 0;
}

DRIVER cuCtxGetDevice(int* device) {
  *device = 0;
  return current == nullptr ? kInvalidContext : 0;
}

// ---- modules: the image does not matter, the kernels are in the process

DRIVER cuModuleLoadData(void** module, const void*) {
  REQUIRE_CONTEXT();
  *module = &functions;
  return settings().image;
}

DRIVER cuModuleLoadDataEx(void** module, const void* image, unsigned, int*, void**) {
  return cuModuleLoadData(module, image);
}

DRIVER cuModuleLoad(void** module, const char* path) {
  start();
  *module = &functions;
  std::string name = path;
  const std::string prefix = "emulated:";
  if (name.compare(0, prefix.size(), prefix) == 0) return command(name.substr(prefix.size())) ? 0 : kInvalidValue;
  return assign("kernels", name) ? 0 : kFileNotFound;
}

DRIVER cuModuleUnload(void*) { return standing_error(); }

DRIVER cuModuleGetFunction(void** function, void*, const char* name) {
  REQUIRE_CONTEXT();
  const emu_kernel* kernel = find_kernel(name);
  if (kernel == nullptr) return kNotFound;
  std::lock_guard<std::mutex> guard(lock);
  auto& known = functions[name];
  if (known == nullptr) known.reset(new Function{kernel});
  *function = known.get();
  return 0;
}

DRIVER cuFuncSetAttribute(void* function, int attribute, int value) {
  constexpr int most_dynamic_shared = 8;
  if (attribute != most_dynamic_shared) return 0;
  if (value < 0 || static_cast<unsigned>(value) > kSharedLimit) return kInvalidValue;
  static_cast<Function*>(function)->shared_limit = std::max(static_cast<unsigned>(value), kStaticSharedLimit);
  return 0;
}

DRIVER cuFuncGetAttribute(int* value, int attribute, void* function) {
  switch (attribute) {
    case 0: *value = 1024; return 0;                                                        // threads a block
    case 8: *value = static_cast<int>(static_cast<Function*>(function)->shared_limit); return 0;  // dynamic shared
    default: *value = 0; return 0;
  }
}

DRIVER cuFuncSetCacheConfig(void*, int) { return 0; }

// ---- launches

static bool allowed(const Grid& grid, unsigned shared_limit) {
  uint64_t threads = uint64_t{grid.threads.x} * grid.threads.y * grid.threads.z;
  return threads >= 1 && threads <= 1024 && grid.threads.z <= 64 && grid.blocks.x >= 1 &&
         grid.blocks.x <= 0x7fffffff && grid.blocks.y >= 1 && grid.blocks.y <= 65535 && grid.blocks.z >= 1 &&
         grid.blocks.z <= 65535 && grid.shared_bytes <= shared_limit;
}

// A launch whose arguments are kept until a graph runs it.
struct KeptLaunch {
  Grid grid;
  std::vector<std::vector<unsigned char>> values;

  explicit KeptLaunch(const Grid& g) : grid(g) {
    for (size_t i = 0; i < g.kernel->arguments; ++i) {
      const unsigned char* at = static_cast<const unsigned char*>(g.arguments[i]);
      values.emplace_back(at, at + g.kernel->argument_bytes[i]);
    }
  }

  int run() {
    std::vector<void*> arguments;
    for (auto& value : values) arguments.push_back(value.data());
    grid.arguments = arguments.data();
    return run_grid(grid);
  }
};

DRIVER cuLaunchKernel(void* function, unsigned grid_x, unsigned grid_y, unsigned grid_z, unsigned block_x,
                      unsigned block_y, unsigned block_z, unsigned shared_bytes, void* stream,
                      void** arguments, void**) {
  REQUIRE_CONTEXT();
  if (function == nullptr) return kInvalidHandle;
  const Function& f = *static_cast<Function*>(function);
  Grid grid{f.kernel, arguments, {grid_x, grid_y, grid_z}, {block_x, block_y, block_z}, shared_bytes};
  if (!allowed(grid, f.shared_limit)) return kInvalidValue;
  if (!is_capturing(stream)) return run_grid(grid);
  auto kept = std::make_shared<KeptLaunch>(grid);
  return submit(stream, [kept] { return kept->run(); });
}
