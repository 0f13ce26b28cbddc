package io.sagitta.kernels.cuda;


final class CudaBatchNorm {
  private final CudaSession session;

  CudaBatchNorm(CudaSession session) {
    this.session = session;
  }

  void batchNormStatistics(CudaBuffer x, CudaBuffer statistics, long rows, int channels) {
    throw new UnsupportedOperationException("batchNormStatistics");
  }

  void batchNormApply(
      CudaBuffer x, CudaBuffer statistics, CudaBuffer gamma, CudaBuffer beta, CudaBuffer residual,
      boolean relu, double epsilon, CudaBuffer y, long rows, int channels) {
    throw new UnsupportedOperationException("batchNormApply");
  }

  void batchNormSums(
      CudaBuffer x, CudaBuffer statistics, CudaBuffer gradY, CudaBuffer y, double epsilon,
      CudaBuffer sums, long rows, int channels) {
    throw new UnsupportedOperationException("batchNormSums");
  }

  void batchNormGradInput(
      CudaBuffer x, CudaBuffer statistics, CudaBuffer gamma, CudaBuffer gradY, CudaBuffer y,
      CudaBuffer sums, double epsilon, CudaBuffer gradX, long rows, int channels) {
    throw new UnsupportedOperationException("batchNormGradInput");
  }
}
