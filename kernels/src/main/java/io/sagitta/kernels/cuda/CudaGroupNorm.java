package io.sagitta.kernels.cuda;

import io.sagitta.kernels.DType;
import io.sagitta.kernels.GroupNormGeometry;

/** Launches the kernels of group_norm.cu. */
final class CudaGroupNorm {
  /** Threads of a block, fixed in the kernels. */
  private static final int THREADS = 256;

  /** Channels of a block: a warp reads 128 bytes of a row. */
  private static final int MOST_LANES = 32;

  /** Rows that a thread of a map has at least, to pay for reading its channel's constants. */
  private static final int LEAST_ROWS = 16;

  private final CudaSession session;
  private final KernelFile kernels;

  CudaGroupNorm(CudaSession session) {
    this.session = session;
    this.kernels = new KernelFile(session, "group_norm");
  }

  void statistics(GroupNormGeometry g, CudaBuffer x, CudaBuffer statistics) {
    if (g.samples() == 0) {
      return;
    }
    CudaBuffer partial = session.scratch(DType.F64, 2L * g.samples() * g.channels());
    launch("group_norm_statistics_part_f32", g).arg(x).arg(partial)
        .run(g.samples(), slabs(g), 1, THREADS, 0);
    perGroup("group_norm_statistics_finish_f32", g).arg(partial).arg(statistics)
        .run(groupBlocks(g), THREADS);
    partial.release();
  }

  void apply(
      GroupNormGeometry g, CudaBuffer x, CudaBuffer statistics, CudaBuffer gamma, CudaBuffer beta,
      CudaBuffer residual, boolean relu, double epsilon, CudaBuffer y) {
    if (g.samples() == 0) {
      return;
    }
    launch("group_norm_apply_f32", g).arg(part(g)).arg(x).arg(statistics).arg(gamma).arg(beta)
        .arg(residual).arg(y).arg((float) epsilon).arg(relu ? 1 : 0)
        .run(g.samples(), slabs(g), parts(g), THREADS, 0);
  }

  void sums(
      GroupNormGeometry g, CudaBuffer x, CudaBuffer statistics, CudaBuffer gradY, CudaBuffer y,
      double epsilon, CudaBuffer sums) {
    if (g.samples() == 0) {
      return;
    }
    launch("group_norm_sums_f32", g).arg(x).arg(statistics).arg(gradY).arg(y).arg(sums)
        .arg(epsilon)
        .run(g.samples(), slabs(g), 1, THREADS, 0);
  }

  void gradInput(
      GroupNormGeometry g, CudaBuffer x, CudaBuffer statistics, CudaBuffer gamma,
      CudaBuffer gradY, CudaBuffer y, CudaBuffer sums, double epsilon, CudaBuffer gradX) {
    if (g.samples() == 0) {
      return;
    }
    CudaBuffer means = session.scratch(DType.F32, 2L * g.samples() * g.groups());
    perGroup("group_norm_means_f32", g).arg(gamma).arg(sums).arg(means)
        .run(groupBlocks(g), THREADS);
    launch("group_norm_grad_input_f32", g).arg(part(g)).arg(x).arg(statistics).arg(gamma)
        .arg(gradY).arg(y).arg(means).arg(gradX).arg((float) epsilon)
        .run(g.samples(), slabs(g), parts(g), THREADS, 0);
    means.release();
  }

  private Launch launch(String kernel, GroupNormGeometry g) {
    return kernels.get(kernel).with().arg((long) g.rows()).arg(g.channels()).arg(g.groups())
        .arg(lanes(g));
  }

  private Launch perGroup(String kernel, GroupNormGeometry g) {
    return kernels.get(kernel).with().arg((long) g.samples()).arg((long) g.rows())
        .arg(g.channels()).arg(g.groups());
  }

  private static int groupBlocks(GroupNormGeometry g) {
    return Math.toIntExact(((long) g.samples() * g.groups() + THREADS - 1) / THREADS);
  }

  /** The least power of two that reaches the channels, up to a warp. */
  private static int lanes(GroupNormGeometry g) {
    return Math.min(MOST_LANES, Integer.highestOneBit(2 * g.channels() - 1));
  }

  private static int slabs(GroupNormGeometry g) {
    return (g.channels() + lanes(g) - 1) / lanes(g);
  }

  /** Rows of a map's block. */
  private static long part(GroupNormGeometry g) {
    return (long) LEAST_ROWS * THREADS / lanes(g);
  }

  private static int parts(GroupNormGeometry g) {
    return Math.toIntExact((g.rows() + part(g) - 1) / part(g));
  }
}
