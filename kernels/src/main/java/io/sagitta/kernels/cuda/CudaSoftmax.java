package io.sagitta.kernels.cuda;

import static io.sagitta.kernels.cuda.Grid.THREADS;
import static io.sagitta.kernels.cuda.Grid.WARPS;

/** Launches the kernels of softmax.cu: a warp for a short row, a block for a long one. */
final class CudaSoftmax {
  /** Columns of the longest row that a warp takes. */
  private static final int SHORT_ROW = 1024;

  private final Pair softmax;
  private final Pair softmaxDual;
  private final Pair logSumExp;
  private final Pair crossEntropy;
  private final Pair crossEntropyGrad;

  /** A kernel for short rows and one for long rows. */
  private static final class Pair {
    private final LazyKernel warp;
    private final LazyKernel block;

    Pair(CudaSession session, String op) {
      warp = new LazyKernel(session, "softmax", op + "_warp_f32");
      block = new LazyKernel(session, "softmax", op + "_block_f32");
    }

    Launch with(long rows, long columns) {
      return (columns <= SHORT_ROW ? warp : block).with().arg(rows).arg(columns);
    }
  }

  CudaSoftmax(CudaSession session) {
    softmax = new Pair(session, "softmax");
    softmaxDual = new Pair(session, "softmax_dual");
    logSumExp = new Pair(session, "log_sum_exp");
    crossEntropy = new Pair(session, "cross_entropy");
    crossEntropyGrad = new Pair(session, "cross_entropy_grad");
  }

  private static long blocks(long rows, long columns) {
    return Grid.blocks(rows, columns <= SHORT_ROW ? WARPS : 1);
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
