package io.sagitta.kernels.cuda;

import static io.sagitta.kernels.cuda.Grid.THREADS;
import static io.sagitta.kernels.cuda.RowKernel.blocks;

/** Launches the kernels of layer_norm.cu. */
final class CudaLayerNorm {
  private final RowKernel apply;
  private final RowKernel statistics;
  private final RowKernel jacobian;
  private final RowKernel jacobianDual;

  CudaLayerNorm(CudaSession session) {
    apply = new RowKernel(session, "layer_norm", "layer_norm");
    statistics = new RowKernel(session, "layer_norm", "layer_norm_statistics");
    jacobian = new RowKernel(session, "layer_norm", "layer_norm_jacobian");
    jacobianDual = new RowKernel(session, "layer_norm", "layer_norm_jacobian_dual");
  }

  void apply(
      CudaBuffer x, CudaBuffer gamma, CudaBuffer beta, double epsilon, CudaBuffer y, long rows,
      long columns) {
    if (rows * columns > 0) {
      apply.with(rows, columns).arg(x).arg(gamma).arg(beta).arg(y).arg((float) epsilon)
          .run(blocks(rows, columns), THREADS);
    }
  }

  /** The mean and biased variance of each row, [rows, 2]. */
  void statistics(CudaBuffer x, CudaBuffer statistics, long rows, long columns) {
    if (rows * columns > 0) {
      this.statistics.with(rows, columns).arg(x).arg(statistics)
          .run(blocks(rows, columns), THREADS);
    }
  }

  void jacobian(
      CudaBuffer x, CudaBuffer before, CudaBuffer after, CudaBuffer t, double epsilon, CudaBuffer y,
      long rows, long columns) {
    if (rows * columns > 0) {
      jacobian.with(rows, columns).arg(x).arg(before).arg(after).arg(t).arg(y)
          .arg((float) epsilon)
          .run(blocks(rows, columns), THREADS);
    }
  }

  void jacobianDual(
      CudaBuffer x, CudaBuffer dx, CudaBuffer before, CudaBuffer t, CudaBuffer dt, double epsilon,
      CudaBuffer y, CudaBuffer dy, long rows, long columns) {
    if (rows * columns > 0) {
      jacobianDual.with(rows, columns).arg(x).arg(dx).arg(before).arg(t).arg(dt).arg(y).arg(dy)
          .arg((float) epsilon)
          .run(blocks(rows, columns), THREADS);
    }
  }
}
