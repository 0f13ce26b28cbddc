package io.sagitta.kernels.cuda;

import static io.sagitta.kernels.cuda.Grid.THREADS;

import io.sagitta.kernels.BinaryOp;
import io.sagitta.kernels.UnaryOp;
import java.util.Locale;

/** Launches dual.cu. */
final class CudaDual {
  /** Elements that a block does at a time: a vector of four a thread. */
  private static final int EACH = 4 * THREADS;

  private final KernelFile kernels;

  CudaDual(CudaSession session) {
    kernels = new KernelFile(session, "dual");
  }

  void unary(UnaryOp op, CudaBuffer x, CudaBuffer dx, CudaBuffer y, CudaBuffer dy) {
    long n = y.elements();
    if (n > 0) {
      with("unary_dual", op, n).arg(x).arg(dx).arg(y).arg(dy).run(Grid.blocks(n, EACH), THREADS);
    }
  }

  void slope(UnaryOp op, CudaBuffer z, CudaBuffer t, CudaBuffer y) {
    long n = y.elements();
    if (n > 0) {
      with("unary_slope", op, n).arg(z).arg(t).arg(y).run(Grid.blocks(n, EACH), THREADS);
    }
  }

  void slopeDual(
      UnaryOp op, CudaBuffer z, CudaBuffer dz, CudaBuffer t, CudaBuffer dt, CudaBuffer y,
      CudaBuffer dy) {
    long n = y.elements();
    if (n > 0) {
      with("unary_slope_dual", op, n).arg(z).arg(dz).arg(t).arg(dt).arg(y).arg(dy)
          .run(Grid.blocks(n, EACH), THREADS);
    }
  }

  void binary(
      BinaryOp op, CudaBuffer a, CudaBuffer da, CudaBuffer b, CudaBuffer db, CudaBuffer y,
      CudaBuffer dy) {
    long n = y.elements();
    if (n > 0) {
      with("binary_dual", op, n).arg(a).arg(da).arg(b).arg(db).arg(y).arg(dy)
          .run(Grid.blocks(n, EACH), THREADS);
    }
  }

  private Launch with(String kernel, Enum<?> op, long n) {
    String name = kernel + "_" + op.name().toLowerCase(Locale.ROOT) + "_f32";
    return kernels.get(name).with().arg(n);
  }
}
