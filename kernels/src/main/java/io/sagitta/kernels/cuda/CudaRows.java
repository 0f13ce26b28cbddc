package io.sagitta.kernels.cuda;


final class CudaRows {
  private final CudaSession session;

  CudaRows(CudaSession session) {
    this.session = session;
  }

  void select(CudaBuffer x, CudaBuffer winners, CudaBuffer y) {
    throw new UnsupportedOperationException("select");
  }

  void scatter(CudaBuffer y, CudaBuffer winners, CudaBuffer x) {
    throw new UnsupportedOperationException("scatter");
  }

  void gatherRows(CudaBuffer table, CudaBuffer index, CudaBuffer y, long rows, long width) {
    throw new UnsupportedOperationException("gatherRows");
  }

  void scatterAddRows(
      CudaBuffer y, CudaBuffer index, CudaBuffer table, long rows, long tableRows, long width) {
    throw new UnsupportedOperationException("scatterAddRows");
  }
}
