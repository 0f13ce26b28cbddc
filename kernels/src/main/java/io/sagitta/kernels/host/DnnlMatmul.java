package io.sagitta.kernels.host;

import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_WEIGHTS;
import static org.bytedeco.dnnl.global.dnnl.dnnl_f32;
import static org.bytedeco.dnnl.global.dnnl.dnnl_matmul_primitive_desc_create;

import io.sagitta.kernels.Precision;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.dnnl.dnnl_memory_desc;
import org.bytedeco.dnnl.dnnl_primitive_desc;

/**
 * Products of {@code batch} matrices, op(a): m×k by op(b): k×n, all row-major. Transposed operands
 * are told to oneDNN as strides. Shares are runs of matrices, or of rows or columns of the result,
 * whichever are most.
 */
record DnnlMatmul(boolean transposeA, boolean transposeB, int batch, int m, int n, int k) {
  private static final int A = 0;
  private static final int B = 1;
  private static final int C = 2;

  /** Matrices, rows or columns that a share has at least, for which it reads the other operand. */
  private static final int RUN = 16;

  /** The operation with arguments a, b, c. */
  DnnlOperation build(Dnnl library, Precision precision) {
    long operations = 2L * batch * m * n * k;
    int most = Math.max(batch, Math.max(m, n));
    DnnlShares shares = library.shares(most, operations, most / RUN);
    Map<Integer, DnnlPlan> plans = new HashMap<>();
    List<DnnlRoutine.Share> list = new ArrayList<>();
    for (int i = 0; i < shares.count(); i++) {
      DnnlPlan plan =
          plans.computeIfAbsent(shares.size(i), size -> plan(library, precision, size));
      list.add(new DnnlRoutine.Share(plan, null, offsets(shares.from(i))));
    }
    return new DnnlRoutine(list);
  }

  /** Bytes to the first element of a share in a, b and c. */
  private long[] offsets(long from) {
    long[] elements;
    if (byMatrix()) {
      elements = new long[] {from * m * k, from * k * n, from * m * n};
    } else if (byRow()) {
      elements = new long[] {transposeA ? from : from * k, 0, from * n};
    } else {
      elements = new long[] {0, transposeB ? from * k : from, from};
    }
    for (int i = 0; i < elements.length; i++) {
      elements[i] *= Float.BYTES;
    }
    return elements;
  }

  private boolean byMatrix() {
    return batch >= Math.max(m, n);
  }

  private boolean byRow() {
    return !byMatrix() && m >= n;
  }

  private DnnlPlan plan(Dnnl library, Precision precision, int size) {
    long matrices = byMatrix() ? size : batch;
    long rows = byRow() ? size : m;
    long columns = byMatrix() || byRow() ? n : size;
    int type = Dnnl.elementType(precision);
    long[] sizeA = {matrices, rows, k};
    long[] sizeB = {matrices, k, columns};
    long[] sizeC = {matrices, rows, columns};
    long[] strideA = {(long) m * k, transposeA ? 1 : k, transposeA ? m : 1};
    long[] strideB = {(long) k * n, transposeB ? 1 : n, transposeB ? k : 1};
    try (DnnlPlanBuilder builder = new DnnlPlanBuilder(library)) {
      dnnl_memory_desc callersA = builder.strided(dnnl_f32, sizeA, strideA);
      dnnl_memory_desc callersB = builder.strided(dnnl_f32, sizeB, strideB);
      dnnl_memory_desc c = builder.strided(dnnl_f32, sizeC, new long[] {(long) m * n, n, 1});
      boolean single = type == dnnl_f32;
      dnnl_memory_desc a = single ? callersA : builder.rowMajor(type, sizeA);
      dnnl_memory_desc b = single ? callersB : builder.any(type, sizeB);
      dnnl_primitive_desc product = new dnnl_primitive_desc();
      Dnnl.check(
          dnnl_matmul_primitive_desc_create(
              product, builder.engine(), a, b, null, c, builder.plain()),
          this);
      builder.own(product);
      int aSlot = builder.reordered(A, callersA, a);
      int bSlot =
          builder.reordered(B, callersB, DnnlPlanBuilder.wanted(product, DNNL_ARG_WEIGHTS));
      builder.step(
          product, new int[] {DNNL_ARG_SRC, DNNL_ARG_WEIGHTS, DNNL_ARG_DST},
          new int[] {aSlot, bSlot, C});
      return builder.build();
    }
  }
}
