package io.sagitta.kernels.cuda;

import io.sagitta.kernels.Pool2dGeometry;

final class CudaPool {
  private final CudaSession session;

  CudaPool(CudaSession session) {
    this.session = session;
  }

  void maxPool2d(Pool2dGeometry g, CudaBuffer x, CudaBuffer y, CudaBuffer winners) {
    throw new UnsupportedOperationException("maxPool2d");
  }

  void avgPool2d(Pool2dGeometry g, CudaBuffer x, CudaBuffer y) {
    throw new UnsupportedOperationException("avgPool2d");
  }

  void avgPool2dGrad(Pool2dGeometry g, CudaBuffer gradY, CudaBuffer gradX) {
    throw new UnsupportedOperationException("avgPool2dGrad");
  }
}
