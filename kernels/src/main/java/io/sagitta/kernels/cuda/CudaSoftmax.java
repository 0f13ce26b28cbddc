package io.sagitta.kernels.cuda;


final class CudaSoftmax {
  private final CudaSession session;

  CudaSoftmax(CudaSession session) {
    this.session = session;
  }

  void softmax(CudaBuffer x, CudaBuffer y, long rows, long columns) {
    throw new UnsupportedOperationException("softmax");
  }

  void logSumExp(CudaBuffer x, CudaBuffer y, long rows, long columns) {
    throw new UnsupportedOperationException("logSumExp");
  }

  void crossEntropy(CudaBuffer x, CudaBuffer labels, CudaBuffer y, long rows, long columns) {
    throw new UnsupportedOperationException("crossEntropy");
  }

  void crossEntropyGrad(
      CudaBuffer x, CudaBuffer labels, CudaBuffer weight, CudaBuffer y, long rows, long columns) {
    throw new UnsupportedOperationException("crossEntropyGrad");
  }
}
