// A stand-in for libcudnn.so.9: convolutions of NHWC images and weights on the emulated driver's
// memory. It has cuDNN's traps: the search forgets the mathematics that was set, so that float means
// TF32 again; its first answers must not be taken (not deterministic, Winograd's, tensor cores); an
// algorithm wants its workspace and writes it. What it does not know, it answers with 3000, as cuDNN 9:
// weight gradients of one channel a group, fused convolutions with kernels that are not square, and
// images of 2^31 elements or more.
// cudnnGetCudartVersion tells how many calls have computed something.
#include "../cublas/stand_in.h"

namespace {

enum Status { SUCCESS = 0, BAD_PARAM = 2000, NOT_SUPPORTED = 3000, EXECUTION_FAILED = 5000 };
constexpr int NHWC = 1, FLOAT = 0, FMA_MATH = 3, TENSOR_OP_MATH = 1, RELU = 1, IDENTITY = 5;
constexpr size_t WORKSPACE = 1000;

struct Handle { void* stream = nullptr; };
struct Tensor { int n = 0, c = 0, h = 0, w = 0; };
struct Filter { int k = 0, c = 0, r = 0, s = 0; };
struct Convolution { int pad = 0, stride = 0, groups = 1, math = 0; };
struct Activation { int mode = 0; };
struct Performance {
  int algorithm, status;
  float millis;
  size_t bytes;
  int deterministic, math, reserved[3];
};

size_t calls = 0;

// Calls f(index in x, index in w, index in y) for every product of a convolution.
template <typename F>
void each(const Tensor& x, const Filter& w, const Convolution& d, const Tensor& y, F f) {
  int outs = y.c / d.groups;
  for (int n = 0; n < y.n; ++n)
    for (int p = 0; p < y.h; ++p)
      for (int q = 0; q < y.w; ++q)
        for (int k = 0; k < y.c; ++k)
          for (int r = 0; r < w.r; ++r)
            for (int s = 0; s < w.s; ++s) {
              int i = p * d.stride - d.pad + r, j = q * d.stride - d.pad + s;
              if (i < 0 || i >= x.h || j < 0 || j >= x.w) continue;
              for (int c = 0; c < w.c; ++c) {
                size_t in_x = ((size_t(n) * x.h + i) * x.w + j) * x.c + k / outs * w.c + c;
                size_t in_w = ((size_t(k) * w.r + r) * w.s + s) * w.c + c;
                size_t in_y = ((size_t(n) * y.h + p) * y.w + q) * y.c + k;
                f(in_x, in_w, in_y);
              }
            }
}

size_t size(const Tensor& t) { return size_t(t.n) * t.c * t.h * t.w; }

// One form of convolution: out[o] += a[.]·b[.] with alpha 1 and beta 0, as the project asks.
template <typename Index>
int compute(Handle* h, const Tensor& x, const Filter& w, const Convolution& d, const Tensor& y, const float* alpha,
            const float* beta, const float* a, const float* b, float* out, size_t elements, void* workspace,
            size_t bytes, Index index) {
  if (*alpha != 1 || *beta != 0 || bytes != WORKSPACE) return BAD_PARAM;
  if (!wait_for(h->stream)) return EXECUTION_FAILED;
  std::memset(workspace, 0xff, bytes);
  bool tf32 = d.math != FMA_MATH;
  double* sums = new double[elements]();
  each(x, w, d, y, [&](size_t in_x, size_t in_w, size_t in_y) {
    size_t from_a, from_b, to;
    index(in_x, in_w, in_y, from_a, from_b, to);
    sums[to] += double(operand(a[from_a], tf32)) * operand(b[from_b], tf32);
  });
  for (size_t i = 0; i < elements; ++i) out[i] = float(sums[i]);
  delete[] sums;
  ++calls;
  return SUCCESS;
}

// The answers of a search; Winograd's algorithm has another number in each form.
int answer(Convolution* d, int asked, int* count, Performance* answers, int winograd) {
  const Performance all[] = {
      {0, SUCCESS, 0.1f, 0, 0, d->math, {}},        {winograd, SUCCESS, 0.2f, 0, 1, d->math, {}},
      {1, NOT_SUPPORTED, -1.f, 0, 1, d->math, {}},  {1, SUCCESS, 0.3f, WORKSPACE, 1, TENSOR_OP_MATH, {}},
      {1, SUCCESS, 0.4f, WORKSPACE, 1, d->math, {}}};
  *count = asked < 5 ? asked : 5;
  std::memcpy(answers, all, *count * sizeof(Performance));
  d->math = 0;
  return SUCCESS;
}

int workspace(int algorithm, size_t* bytes) {
  *bytes = WORKSPACE;
  return algorithm == 1 ? SUCCESS : NOT_SUPPORTED;
}

}  // namespace

extern "C" {

size_t cudnnGetVersion() { return 90600; }
size_t cudnnGetCudartVersion() { return calls; }

int cudnnCreate(Handle** handle) {
  *handle = new Handle;
  return SUCCESS;
}

int cudnnDestroy(Handle* handle) {
  delete handle;
  return SUCCESS;
}

int cudnnSetStream(Handle* handle, void* stream) {
  handle->stream = stream;
  return SUCCESS;
}

int cudnnCreateTensorDescriptor(Tensor** made) {
  *made = new Tensor;
  return SUCCESS;
}

int cudnnDestroyTensorDescriptor(Tensor* tensor) {
  delete tensor;
  return SUCCESS;
}

int cudnnSetTensor4dDescriptor(Tensor* t, int format, int type, int n, int c, int h, int w) {
  *t = {n, c, h, w};
  return format == NHWC && type == FLOAT && size(*t) < size_t{1} << 31 ? SUCCESS : NOT_SUPPORTED;
}

int cudnnCreateFilterDescriptor(Filter** made) {
  *made = new Filter;
  return SUCCESS;
}

int cudnnDestroyFilterDescriptor(Filter* filter) {
  delete filter;
  return SUCCESS;
}

int cudnnSetFilter4dDescriptor(Filter* f, int type, int format, int k, int c, int r, int s) {
  *f = {k, c, r, s};
  return format == NHWC && type == FLOAT ? SUCCESS : NOT_SUPPORTED;
}

int cudnnCreateConvolutionDescriptor(Convolution** made) {
  *made = new Convolution;
  return SUCCESS;
}

int cudnnDestroyConvolutionDescriptor(Convolution* convolution) {
  delete convolution;
  return SUCCESS;
}

int cudnnSetConvolution2dDescriptor(Convolution* d, int pad_h, int pad_w, int u, int v, int dilation_h, int dilation_w,
                                    int mode, int type) {
  d->pad = pad_h;
  d->stride = u;
  bool known = pad_h == pad_w && u == v && dilation_h == 1 && dilation_w == 1 && mode == 1 && type == FLOAT;
  return known ? SUCCESS : NOT_SUPPORTED;
}

int cudnnSetConvolutionGroupCount(Convolution* d, int groups) {
  d->groups = groups;
  return SUCCESS;
}

int cudnnSetConvolutionMathType(Convolution* d, int math) {
  d->math = math;
  return SUCCESS;
}

int cudnnCreateActivationDescriptor(Activation** made) {
  *made = new Activation;
  return SUCCESS;
}

int cudnnDestroyActivationDescriptor(Activation* activation) {
  delete activation;
  return SUCCESS;
}

int cudnnSetActivationDescriptor(Activation* activation, int mode, int, double) {
  activation->mode = mode;
  return mode == RELU || mode == IDENTITY ? SUCCESS : NOT_SUPPORTED;
}

int cudnnGetConvolutionForwardAlgorithm_v7(Handle*, Tensor*, Filter*, Convolution* d, Tensor*, int asked, int* count,
                                           Performance* answers) {
  return answer(d, asked, count, answers, 6);
}

int cudnnGetConvolutionBackwardDataAlgorithm_v7(Handle*, Filter*, Tensor*, Convolution* d, Tensor*, int asked,
                                                int* count, Performance* answers) {
  return answer(d, asked, count, answers, 4);
}

int cudnnGetConvolutionBackwardFilterAlgorithm_v7(Handle*, Tensor* x, Tensor*, Convolution* d, Filter*, int asked,
                                                  int* count, Performance* answers) {
  return x->c == d->groups ? NOT_SUPPORTED : answer(d, asked, count, answers, 4);
}

int cudnnGetConvolutionForwardWorkspaceSize(Handle*, Tensor*, Filter*, Convolution*, Tensor*, int algorithm,
                                            size_t* bytes) {
  return workspace(algorithm, bytes);
}

int cudnnGetConvolutionBackwardDataWorkspaceSize(Handle*, Filter*, Tensor*, Convolution*, Tensor*, int algorithm,
                                                 size_t* bytes) {
  return workspace(algorithm, bytes);
}

int cudnnGetConvolutionBackwardFilterWorkspaceSize(Handle*, Tensor*, Tensor*, Convolution*, Filter*, int algorithm,
                                                   size_t* bytes) {
  return workspace(algorithm, bytes);
}

int cudnnConvolutionForward(Handle* h, const float* alpha, Tensor* dx, const float* x, Filter* dw, const float* w,
                            Convolution* d, int, void* work, size_t bytes, const float* beta, Tensor* dy, float* y) {
  return compute(h, *dx, *dw, *d, *dy, alpha, beta, x, w, y, size(*dy), work, bytes,
                 [](size_t in_x, size_t in_w, size_t in_y, size_t& a, size_t& b, size_t& to) {
                   a = in_x, b = in_w, to = in_y;
                 });
}

int cudnnConvolutionBackwardData(Handle* h, const float* alpha, Filter* dw, const float* w, Tensor* dy, const float* y,
                                 Convolution* d, int, void* work, size_t bytes, const float* beta, Tensor* dx,
                                 float* x) {
  return compute(h, *dx, *dw, *d, *dy, alpha, beta, w, y, x, size(*dx), work, bytes,
                 [](size_t in_x, size_t in_w, size_t in_y, size_t& a, size_t& b, size_t& to) {
                   a = in_w, b = in_y, to = in_x;
                 });
}

int cudnnConvolutionBackwardFilter(Handle* h, const float* alpha, Tensor* dx, const float* x, Tensor* dy,
                                   const float* y, Convolution* d, int, void* work, size_t bytes, const float* beta,
                                   Filter* dw, float* w) {
  size_t elements = size_t(dw->k) * dw->c * dw->r * dw->s;
  return compute(h, *dx, *dw, *d, *dy, alpha, beta, x, y, w, elements, work, bytes,
                 [](size_t in_x, size_t in_w, size_t in_y, size_t& a, size_t& b, size_t& to) {
                   a = in_x, b = in_y, to = in_w;
                 });
}

int cudnnConvolutionBiasActivationForward(Handle* h, const float* alpha, Tensor* dx, const float* x, Filter* dw,
                                          const float* w, Convolution* d, int algorithm, void* work, size_t bytes,
                                          const float* alpha2, Tensor*, const float* z, Tensor* dbias,
                                          const float* bias, Activation* activation, Tensor* dy, float* y) {
  if (dw->r != dw->s) return NOT_SUPPORTED;
  if (dbias->c != dy->c || dbias->n != 1 || dbias->h != 1 || dbias->w != 1) return BAD_PARAM;
  float zero = 0;
  float* product = new float[size(*dy) + 1];
  int status = cudnnConvolutionForward(h, alpha, dx, x, dw, w, d, algorithm, work, bytes, &zero, dy, product);
  for (size_t i = 0; status == SUCCESS && i < size(*dy); ++i) {
    float sum = product[i] + bias[i % dy->c] + (*alpha2 == 0 ? 0 : *alpha2 * z[i]);
    y[i] = activation->mode == RELU && sum < 0 ? 0 : sum;
  }
  delete[] product;
  return status;
}

}  // extern "C"
