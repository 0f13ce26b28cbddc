package io.sagitta.kernels.cuda;

import io.sagitta.kernels.UnaryOp;

final class CudaElementwise {
  private final CudaSession session;

  CudaElementwise(CudaSession session) {
    this.session = session;
  }

  void fill(CudaBuffer y, double value) {
    throw new UnsupportedOperationException("fill");
  }

  void unary(UnaryOp op, CudaBuffer x, CudaBuffer y) {
    throw new UnsupportedOperationException("unary");
  }

  void affine(CudaBuffer x, double scale, double shift, CudaBuffer y) {
    throw new UnsupportedOperationException("affine");
  }

  void accumulate(CudaBuffer x, double scale, CudaBuffer y) {
    throw new UnsupportedOperationException("accumulate");
  }
}
