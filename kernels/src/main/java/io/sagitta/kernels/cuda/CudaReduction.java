package io.sagitta.kernels.cuda;

import static io.sagitta.kernels.cuda.Grid.THREADS;
import static io.sagitta.kernels.cuda.Grid.WARPS;

import io.sagitta.kernels.DType;

/**
 * Launches the kernels of reduction.cu. Short rows go to warps; everything else to blocks that own
 * columns, in two passes where one would leave the device idle. What is added to what depends on
 * the shape alone, so that results are the same on every device.
 */
final class CudaReduction {
  /** Rows up to this long go to warps. */
  private static final int SHORT_ROW = 1024;

  /** Blocks to aim for by cutting the reduced axis. */
  private static final long BLOCKS = 1024;

  /** The least number of terms for each thread of a part. */
  private static final int TERMS = 8;

  /** Columns of a tile that make a warp's reads whole. */
  private static final int NARROW = 32;

  private final CudaSession session;
  private final LazyKernel sumRows;
  private final LazyKernel sumColumns;
  private final LazyKernel sumParts;
  private final LazyKernel sumCombine;
  private final LazyKernel maxRows;
  private final LazyKernel maxColumns;

  CudaReduction(CudaSession session) {
    this.session = session;
    sumRows = new LazyKernel(session, "reduction", "sum_rows_f32");
    sumColumns = new LazyKernel(session, "reduction", "sum_columns_f32");
    sumParts = new LazyKernel(session, "reduction", "sum_parts_f32");
    sumCombine = new LazyKernel(session, "reduction", "sum_combine_f32");
    maxRows = new LazyKernel(session, "reduction", "max_rows_f32");
    maxColumns = new LazyKernel(session, "reduction", "max_columns_f32");
  }

  void sum(CudaBuffer x, CudaBuffer y, long outer, long reduced, long inner) {
    if (outer * inner == 0) {
      return;
    }
    if (isShortRow(reduced, inner)) {
      rows(sumRows, x, y, outer, reduced);
      return;
    }
    long parts = parts(outer, reduced, inner);
    if (parts == 1) {
      columns(sumColumns, x, y, outer, reduced, inner, 1);
      return;
    }
    CudaBuffer partial = session.scratch(DType.F64, outer * parts * inner);
    try {
      columns(sumParts, x, partial, outer, reduced, inner, parts);
      columns(sumCombine, partial, y, outer, parts, inner, 1);
    } finally {
      partial.release();
    }
  }

  void max(CudaBuffer x, CudaBuffer y, long outer, long reduced, long inner) {
    if (outer * inner == 0) {
      return;
    }
    if (isShortRow(reduced, inner)) {
      rows(maxRows, x, y, outer, reduced);
      return;
    }
    long parts = parts(outer, reduced, inner);
    if (parts == 1) {
      columns(maxColumns, x, y, outer, reduced, inner, 1);
      return;
    }
    CudaBuffer partial = session.scratch(DType.F32, outer * parts * inner);
    try {
      columns(maxColumns, x, partial, outer, reduced, inner, parts);
      columns(maxColumns, partial, y, outer, parts, inner, 1);
    } finally {
      partial.release();
    }
  }

  private static boolean isShortRow(long reduced, long inner) {
    return inner == 1 && reduced <= SHORT_ROW;
  }

  private static void rows(
      LazyKernel kernel, CudaBuffer x, CudaBuffer y, long outer, long reduced) {
    kernel.with().arg(outer).arg(reduced).arg(x).arg(y)
        .run(Grid.blocks(outer, WARPS), THREADS);
  }

  private static void columns(
      LazyKernel kernel, CudaBuffer x, CudaBuffer y, long outer, long reduced, long inner,
      long parts) {
    int width = width(reduced, inner);
    kernel.with().arg(reduced).arg(inner).arg(width).arg(x).arg(y)
        .run(outer * tiles(inner, width), parts, 1, THREADS, 0);
  }

  /** Into how many parts the reduced axis is cut. */
  private static long parts(long outer, long reduced, long inner) {
    int width = width(reduced, inner);
    long blocks = outer * tiles(inner, width);
    long wanted = (BLOCKS + blocks - 1) / blocks;
    long most = reduced / ((long) TERMS * (THREADS / width));
    return Math.max(1, Math.min(wanted, most));
  }

  private static long tiles(long inner, int width) {
    return (inner + width - 1) / width;
  }

  /**
   * Columns of a tile, a power of two: as many as there are, up to a warp's; more where there are
   * too few rows to go round.
   */
  private static int width(long reduced, long inner) {
    int width = 1;
    while (width < inner && width < NARROW) {
      width *= 2;
    }
    while (width < inner && width < THREADS && reduced < (long) TERMS * (THREADS / width)) {
      width *= 2;
    }
    return width;
  }
}
