package io.sagitta.kernels.cuda;

import io.sagitta.kernels.Conv2dGeometry;
import io.sagitta.kernels.Precision;

final class CudaConvolution {
  private final CudaSession session;

  CudaConvolution(CudaSession session) {
    this.session = session;
  }

  void conv2d(Precision precision, Conv2dGeometry g, CudaBuffer x, CudaBuffer w, CudaBuffer y) {
    throw new UnsupportedOperationException("conv2d");
  }

  void conv2dGradInput(
      Precision precision, Conv2dGeometry g, CudaBuffer w, CudaBuffer gradY, CudaBuffer gradX) {
    throw new UnsupportedOperationException("conv2dGradInput");
  }

  void conv2dGradWeight(
      Precision precision, Conv2dGeometry g, CudaBuffer x, CudaBuffer gradY, CudaBuffer gradW) {
    throw new UnsupportedOperationException("conv2dGradWeight");
  }

  void conv2dBiasAct(
      Precision precision, Conv2dGeometry g, CudaBuffer x, CudaBuffer w, CudaBuffer bias,
      CudaBuffer residual, boolean relu, CudaBuffer y) {
    throw new UnsupportedOperationException("conv2dBiasAct");
  }
}
