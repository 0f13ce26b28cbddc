package io.sagitta.kernels.cuda;

import static io.sagitta.kernels.cuda.Grid.WARPS;

/** A kernel over the rows of a matrix in its two forms: a warp for a short row, a block for a long one. */
final class RowKernel {
  /** Columns of the longest row that a warp takes. */
  private static final int SHORT_ROW = 1024;

  private final LazyKernel warp;
  private final LazyKernel block;

  /** Of {@code file}.cu: {@code op_warp_f32} and {@code op_block_f32}. */
  RowKernel(CudaSession session, String file, String op) {
    warp = new LazyKernel(session, file, op + "_warp_f32");
    block = new LazyKernel(session, file, op + "_block_f32");
  }

  /** A launch whose first arguments are the sizes. */
  Launch with(long rows, long columns) {
    return (columns <= SHORT_ROW ? warp : block).with().arg(rows).arg(columns);
  }

  /** The blocks of {@link Grid#THREADS} threads that it takes. */
  static long blocks(long rows, long columns) {
    return Grid.blocks(rows, columns <= SHORT_ROW ? WARPS : 1);
  }
}
