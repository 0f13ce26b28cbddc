package io.sagitta.kernels.cuda;

import io.sagitta.kernels.Precision;

final class CudaMatmul {
  private final CudaSession session;

  CudaMatmul(CudaSession session) {
    this.session = session;
  }

  void matmul(
      Precision precision, CudaBuffer a, boolean transposeA, CudaBuffer b, boolean transposeB,
      CudaBuffer c, int batch, int m, int n, int k) {
    throw new UnsupportedOperationException("matmul");
  }
}
