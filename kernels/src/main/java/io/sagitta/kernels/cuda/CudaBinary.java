package io.sagitta.kernels.cuda;

import io.sagitta.kernels.BinaryOp;

final class CudaBinary {
  private final CudaSession session;

  CudaBinary(CudaSession session) {
    this.session = session;
  }

  void binary(BinaryOp op, CudaBuffer a, CudaBuffer b, CudaBuffer y) {
    throw new UnsupportedOperationException("binary");
  }

  void binary(
      BinaryOp op, CudaBuffer a, long[] aStrides, CudaBuffer b, long[] bStrides, CudaBuffer y,
      long[] shape) {
    throw new UnsupportedOperationException("binary");
  }
}
