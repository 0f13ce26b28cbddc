// A stand-in for libnvrtc.so.12 that knows sm_80 and sm_90 and "compiles" by saying back what it was
// given: the image is the target, a line each for the options, the headers' names and the source. A
// source with "#error" does not compile; the log quotes that line.
#include <cstring>
#include <string>

namespace {

struct Program {
  std::string source, file, headers, log, image;
};

constexpr int SUCCESS = 0, COMPILATION = 6;

}  // namespace

extern "C" {

const char* nvrtcGetErrorString(int result) {
  return result == SUCCESS ? "NVRTC_SUCCESS" : result == COMPILATION ? "NVRTC_ERROR_COMPILATION" : "NVRTC_ERROR";
}

int nvrtcVersion(int* major, int* minor) {
  *major = 12;
  *minor = 6;
  return SUCCESS;
}

int nvrtcGetNumSupportedArchs(int* count) {
  *count = 2;
  return SUCCESS;
}

int nvrtcGetSupportedArchs(int* architectures) {
  architectures[0] = 80;
  architectures[1] = 90;
  return SUCCESS;
}

int nvrtcCreateProgram(void** program, const char* source, const char* file, int headers, const char* const*,
                       const char* const* names) {
  auto* made = new Program{source, file, "", "", ""};
  for (int i = 0; i < headers; i++) made->headers += std::string(names[i]) + "\n";
  *program = made;
  return SUCCESS;
}

int nvrtcDestroyProgram(void** program) {
  delete static_cast<Program*>(*program);
  *program = nullptr;
  return SUCCESS;
}

int nvrtcCompileProgram(void* handle, int count, const char* const* options) {
  auto* program = static_cast<Program*>(handle);
  auto error = program->source.find("#error");
  if (error != std::string::npos) {
    program->log = program->file + ": " + program->source.substr(error, program->source.find('\n', error) - error);
    return COMPILATION;
  }
  program->image.clear();
  for (int i = 0; i < count; i++) program->image += std::string(options[i]) + "\n";
  program->image += program->headers + program->source;
  return SUCCESS;
}

int nvrtcGetProgramLogSize(void* handle, size_t* bytes) {
  *bytes = static_cast<Program*>(handle)->log.size() + 1;
  return SUCCESS;
}

int nvrtcGetProgramLog(void* handle, char* log) {
  strcpy(log, static_cast<Program*>(handle)->log.c_str());
  return SUCCESS;
}

int nvrtcGetCUBINSize(void* handle, size_t* bytes) {
  *bytes = static_cast<Program*>(handle)->image.size();
  return SUCCESS;
}

int nvrtcGetCUBIN(void* handle, char* image) {
  auto& from = static_cast<Program*>(handle)->image;
  memcpy(image, from.data(), from.size());
  return SUCCESS;
}

int nvrtcGetPTXSize(void* handle, size_t* bytes) {
  *bytes = static_cast<Program*>(handle)->image.size() + 1;
  return SUCCESS;
}

int nvrtcGetPTX(void* handle, char* ptx) {
  strcpy(ptx, static_cast<Program*>(handle)->image.c_str());
  return SUCCESS;
}

}  // extern "C"
