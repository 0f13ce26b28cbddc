// A stand-in for libcublas: single-precision products on the emulated driver's memory. It insists on
// what the project sets before it computes: a stream, a workspace, no atomics, scalars on the host.
// cublasGetCudartVersion tells how many calls have computed something.
#include "stand_in.h"

namespace {

enum Status { SUCCESS = 0, INVALID_VALUE = 7, EXECUTION_FAILED = 13 };
constexpr int TF32_MATH = 3;

struct Handle {
  void* stream = nullptr;
  void* workspace = nullptr;
  size_t workspace_bytes = 0;
  int math = 0;
  int atomics = 1;
  int pointers = 1;
};

size_t calls = 0;

// c = alpha op(a) op(b) + beta c, all by columns.
int product(Handle* h, int ta, int tb, int m, int n, int k, const float* alpha, const float* a, int lda,
            long long sa, const float* b, int ldb, long long sb, const float* beta, float* c, int ldc,
            long long sc, int batch) {
  bool prepared = h->stream && h->workspace && h->atomics == 0 && h->pointers == 0;
  bool leading = lda >= (ta ? k : m) && ldb >= (tb ? n : k) && ldc >= m;
  if (!prepared || !leading) return INVALID_VALUE;
  if (!wait_for(h->stream)) return EXECUTION_FAILED;
  std::memset(h->workspace, 0xff, h->workspace_bytes < 256 ? h->workspace_bytes : 256);
  bool tf32 = h->math == TF32_MATH;
  for (int i = 0; i < batch; ++i, a += sa, b += sb, c += sc) {
    for (int column = 0; column < n; ++column) {
      for (int row = 0; row < m; ++row) {
        double sum = 0;
        for (int j = 0; j < k; ++j) {
          float x = a[ta ? j + size_t(row) * lda : row + size_t(j) * lda];
          float y = b[tb ? column + size_t(j) * ldb : j + size_t(column) * ldb];
          sum += double(operand(x, tf32)) * operand(y, tf32);
        }
        float& out = c[row + size_t(column) * ldc];
        out = float(*alpha * sum + (*beta == 0 ? 0 : *beta * double(out)));
      }
    }
  }
  ++calls;
  return SUCCESS;
}

}  // namespace

extern "C" {

int cublasCreate_v2(Handle** handle) {
  *handle = new Handle;
  return SUCCESS;
}

int cublasDestroy_v2(Handle* handle) {
  delete handle;
  return SUCCESS;
}

int cublasGetVersion_v2(Handle*, int* version) {
  *version = VERSION * 10000 + 600;
  return SUCCESS;
}

int cublasGetProperty(int type, int* value) {
  *value = type == 0 ? VERSION : type == 1 ? 6 : 0;
  return SUCCESS;
}

size_t cublasGetCudartVersion() { return calls; }

int cublasSetStream_v2(Handle* handle, void* stream) {
  handle->stream = stream;
  // As NVIDIA's: another stream, and the workspace is its own again.
  handle->workspace = nullptr;
  return SUCCESS;
}

int cublasSetWorkspace_v2(Handle* handle, void* workspace, size_t bytes) {
  handle->workspace = workspace;
  handle->workspace_bytes = bytes;
  return SUCCESS;
}

int cublasSetMathMode(Handle* handle, int mode) {
  handle->math = mode;
  return SUCCESS;
}

int cublasSetAtomicsMode(Handle* handle, int mode) {
  handle->atomics = mode;
  return SUCCESS;
}

int cublasSetPointerMode_v2(Handle* handle, int mode) {
  handle->pointers = mode;
  return SUCCESS;
}

int cublasSgemm_v2(Handle* h, int ta, int tb, int m, int n, int k, const float* alpha, const float* a, int lda,
                   const float* b, int ldb, const float* beta, float* c, int ldc) {
  return product(h, ta, tb, m, n, k, alpha, a, lda, 0, b, ldb, 0, beta, c, ldc, 0, 1);
}

int cublasSgemmStridedBatched(Handle* h, int ta, int tb, int m, int n, int k, const float* alpha, const float* a,
                              int lda, long long sa, const float* b, int ldb, long long sb, const float* beta,
                              float* c, int ldc, long long sc, int batch) {
  return product(h, ta, tb, m, n, k, alpha, a, lda, sa, b, ldb, sb, beta, c, ldc, sc, batch);
}

}  // extern "C"
