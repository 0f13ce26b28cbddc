package io.sagitta.kernels.cuda;


final class CudaSgd {
  private final CudaSession session;

  CudaSgd(CudaSession session) {
    this.session = session;
  }

  void sgd(
      CudaBuffer weight, CudaBuffer gradient, CudaBuffer velocity, double rate, double momentum,
      double weightDecay, boolean nesterov) {
    throw new UnsupportedOperationException("sgd");
  }
}
