package io.sagitta.kernels.cuda;

import static io.sagitta.kernels.cuda.Grid.THREADS;

import io.sagitta.kernels.BinaryOp;
import io.sagitta.kernels.DType;
import java.util.Locale;

/**
 * Launches the kernels of binary.cu. A broadcast whose axes merge into two or fewer, as a bias, a
 * scalar or a value a row do, has a form of its own. Images of BF16 can be added and masked.
 */
final class CudaBinary {
  /** Elements that a block does at a time: a vector of four a thread. */
  private static final int EACH = 4 * THREADS;

  private static final int EACH_BF16 = 2 * EACH;

  private final ThreadLocal<MergedBox> boxes = ThreadLocal.withInitial(MergedBox::new);

  /** By the function's ordinal. */
  private final LazyKernel[] flat;

  /** The same of BF16, null where there is none. */
  private final LazyKernel[] flatBf16 = new LazyKernel[BinaryOp.values().length];

  private final LazyKernel[] rows;
  private final LazyKernel[] box;

  CudaBinary(CudaSession session) {
    flat = kernels(session, "flat");
    rows = kernels(session, "rows");
    box = kernels(session, "box");
    for (BinaryOp op : new BinaryOp[] {BinaryOp.ADD, BinaryOp.MASK}) {
      flatBf16[op.ordinal()] = kernel(session, op, "flat_bf16");
    }
  }

  private static LazyKernel[] kernels(CudaSession session, String form) {
    LazyKernel[] kernels = new LazyKernel[BinaryOp.values().length];
    for (BinaryOp op : BinaryOp.values()) {
      kernels[op.ordinal()] = kernel(session, op, form + "_f32");
    }
    return kernels;
  }

  private static LazyKernel kernel(CudaSession session, BinaryOp op, String form) {
    String name = "binary_" + op.name().toLowerCase(Locale.ROOT) + "_" + form;
    return new LazyKernel(session, "binary", name);
  }

  /** Of one type, F32 or BF16. */
  void binary(BinaryOp op, CudaBuffer a, CudaBuffer b, CudaBuffer y) {
    long n = y.elements();
    if (a.type() != DType.BF16) {
      flat(op, a, b, y, n);
      return;
    }
    LazyKernel kernel = flatBf16[op.ordinal()];
    if (kernel == null) {
      throw new IllegalArgumentException(
          "cuda: binary " + op + ": expected buffers of F32, got BF16");
    }
    if (n > 0) {
      kernel.with().arg(n).arg(a).arg(b).arg(y).run(Grid.blocks(n, EACH_BF16), THREADS);
    }
  }

  private void flat(BinaryOp op, CudaBuffer a, CudaBuffer b, CudaBuffer y, long n) {
    if (n > 0) {
      flat[op.ordinal()].with().arg(n).arg(a).arg(b).arg(y).run(Grid.blocks(n, EACH), THREADS);
    }
  }

  void binary(
      BinaryOp op, CudaBuffer a, long[] aStrides, CudaBuffer b, long[] bStrides, CudaBuffer y,
      long[] shape) {
    MergedBox merged = boxes.get();
    merged.clear();
    for (int k = 0; k < shape.length; k++) {
      merged.add("binary", shape[k], aStrides[k], bStrides[k]);
    }
    long n = merged.count();
    if (n == 0) {
      return;
    }
    int last = merged.axes() - 1;
    if (last == 0 && merged.first(0) == 1 && merged.second(0) == 1) {
      flat(op, a, b, y, n);
    } else if (last <= 1) {
      rows[op.ordinal()].with()
          .arg(merged.length(last - 1)).arg(merged.length(last))
          .arg(merged.first(last - 1)).arg(merged.first(last))
          .arg(merged.second(last - 1)).arg(merged.second(last))
          .arg(a).arg(b).arg(y).run(Grid.blocks(n, EACH), THREADS);
    } else {
      box[op.ordinal()].with().arg(n).arg(merged.axes()).struct(merged.members())
          .arg(a).arg(b).arg(y).run(Grid.blocks(n, THREADS), THREADS);
    }
  }
}
