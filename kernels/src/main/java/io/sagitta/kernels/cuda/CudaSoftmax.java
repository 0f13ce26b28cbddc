package io.sagitta.kernels.cuda;

import static io.sagitta.kernels.cuda.Grid.THREADS;
import static io.sagitta.kernels.cuda.RowKernel.blocks;

/** Launches the kernels of softmax.cu. */
final class CudaSoftmax {
  private final RowKernel softmax;
  private final RowKernel softmaxDual;
  private final RowKernel stencil;
  private final RowKernel logSumExp;
  private final RowKernel crossEntropy;
  private final RowKernel crossEntropyGrad;

  CudaSoftmax(CudaSession session) {
    softmax = new RowKernel(session, "softmax", "softmax");
    softmaxDual = new RowKernel(session, "softmax", "softmax_dual");
    stencil = new RowKernel(session, "softmax", "stencil_softmax");
    logSumExp = new RowKernel(session, "softmax", "log_sum_exp");
    crossEntropy = new RowKernel(session, "softmax", "cross_entropy");
    crossEntropyGrad = new RowKernel(session, "softmax", "cross_entropy_grad");
  }

  void softmax(CudaBuffer x, CudaBuffer y, long rows, long columns) {
    if (rows * columns > 0) {
      softmax.with(rows, columns).arg(x).arg(y).run(blocks(rows, columns), THREADS);
    }
  }

  void softmaxDual(
      CudaBuffer x, CudaBuffer dx, CudaBuffer y, CudaBuffer dy, long rows, long columns) {
    if (rows * columns > 0) {
      softmaxDual.with(rows, columns).arg(x).arg(dx).arg(y).arg(dy)
          .run(blocks(rows, columns), THREADS);
    }
  }

  void stencil(
      CudaBuffer p, CudaBuffer odd, CudaBuffer even, CudaBuffer oddY, CudaBuffer evenY, long rows,
      long columns) {
    if (rows * columns > 0) {
      stencil.with(rows, columns).arg(p).arg(odd).arg(even).arg(oddY).arg(evenY)
          .run(blocks(rows, columns), THREADS);
    }
  }

  void logSumExp(CudaBuffer x, CudaBuffer y, long rows, long columns) {
    if (rows > 0) {
      logSumExp.with(rows, columns).arg(x).arg(y).run(blocks(rows, columns), THREADS);
    }
  }

  void crossEntropy(CudaBuffer x, CudaBuffer labels, CudaBuffer y, long rows, long columns) {
    if (rows > 0) {
      crossEntropy.with(rows, columns).arg(x).arg(labels).arg(y)
          .run(blocks(rows, columns), THREADS);
    }
  }

  void crossEntropyGrad(
      CudaBuffer x, CudaBuffer labels, CudaBuffer weight, CudaBuffer y, long rows, long columns) {
    if (rows * columns > 0) {
      crossEntropyGrad.with(rows, columns).arg(x).arg(labels).arg(weight).arg(y)
          .run(blocks(rows, columns), THREADS);
    }
  }
}
