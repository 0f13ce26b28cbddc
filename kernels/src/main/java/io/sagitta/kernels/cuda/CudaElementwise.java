package io.sagitta.kernels.cuda;

import static io.sagitta.kernels.cuda.Grid.THREADS;

import io.sagitta.kernels.UnaryOp;
import java.util.Locale;

/** Launches the kernels of elementwise.cu. */
final class CudaElementwise {
  /** Elements that a block does at a time: a vector of four a thread. */
  private static final int EACH = 4 * THREADS;

  private final LazyKernel fill;
  private final LazyKernel affine;
  private final LazyKernel accumulate;

  /** By the function's ordinal. */
  private final LazyKernel[] unary = new LazyKernel[UnaryOp.values().length];

  CudaElementwise(CudaSession session) {
    fill = new LazyKernel(session, "elementwise", "fill_f32");
    affine = new LazyKernel(session, "elementwise", "affine_f32");
    accumulate = new LazyKernel(session, "elementwise", "accumulate_f32");
    for (UnaryOp op : UnaryOp.values()) {
      String name = "unary_" + op.name().toLowerCase(Locale.ROOT) + "_f32";
      unary[op.ordinal()] = new LazyKernel(session, "elementwise", name);
    }
  }

  void fill(CudaBuffer y, double value) {
    long n = y.elements();
    if (n > 0) {
      fill.with().arg(n).arg(y).arg((float) value).run(Grid.blocks(n, EACH), THREADS);
    }
  }

  void unary(UnaryOp op, CudaBuffer x, CudaBuffer y) {
    long n = y.elements();
    if (n > 0) {
      unary[op.ordinal()].with().arg(n).arg(x).arg(y).run(Grid.blocks(n, EACH), THREADS);
    }
  }

  void affine(CudaBuffer x, double scale, double shift, CudaBuffer y) {
    long n = y.elements();
    if (n > 0) {
      affine.with().arg(n).arg(x).arg(y).arg((float) scale).arg((float) shift)
          .run(Grid.blocks(n, EACH), THREADS);
    }
  }

  void accumulate(CudaBuffer x, double scale, CudaBuffer y) {
    long n = y.elements();
    if (n > 0) {
      accumulate.with().arg(n).arg(x).arg(y).arg((float) scale)
          .run(Grid.blocks(n, EACH), THREADS);
    }
  }
}
