package io.sagitta.kernels.cuda;

import static io.sagitta.kernels.cuda.Grid.THREADS;
import static io.sagitta.kernels.cuda.Grid.WARPS;

import io.sagitta.kernels.DType;
import io.sagitta.kernels.GroupNormGeometry;
import io.sagitta.kernels.Pool2dGeometry;

/** Launches stencil.cu, stencil_group_norm.cu and stencil_cross_entropy.cu. */
final class CudaStencil {
  /** Elements that a block does at a time: a vector of four a thread. */
  private static final int EACH = 4 * THREADS;

  /** Channels of a normalisation's block, where its groups allow: a warp reads 128 bytes of a row. */
  private static final int LANES = 32;

  private static final int EACH_BF16 = 2 * EACH;

  private final LazyKernel relu;
  private final LazyKernel reluBf16;
  private final LazyKernel gelu;
  private final LazyKernel maxPool2d;
  private final LazyKernel groupNorm;
  private final LazyKernel crossEntropy;

  CudaStencil(CudaSession session) {
    relu = new LazyKernel(session, "stencil", "stencil_relu_f32");
    reluBf16 = new LazyKernel(session, "stencil", "stencil_relu_bf16");
    gelu = new LazyKernel(session, "stencil", "stencil_gelu_f32");
    maxPool2d = new LazyKernel(session, "stencil", "stencil_max_pool_f32");
    groupNorm = new LazyKernel(session, "stencil_group_norm", "stencil_group_norm_f32");
    crossEntropy =
        new LazyKernel(session, "stencil_cross_entropy", "stencil_cross_entropy_f32");
  }

  void relu(CudaBuffer s, CudaBuffer odd, CudaBuffer even, CudaBuffer oddY, CudaBuffer evenY) {
    if (odd.type() == DType.BF16) {
      elementwise(reluBf16, EACH_BF16, s, odd, even, oddY, evenY);
    } else {
      elementwise(relu, EACH, s, odd, even, oddY, evenY);
    }
  }

  void gelu(CudaBuffer s, CudaBuffer odd, CudaBuffer even, CudaBuffer oddY, CudaBuffer evenY) {
    elementwise(gelu, EACH, s, odd, even, oddY, evenY);
  }

  private static void elementwise(
      LazyKernel kernel, int each, CudaBuffer s, CudaBuffer odd, CudaBuffer even,
      CudaBuffer oddY, CudaBuffer evenY) {
    long n = s.elements();
    if (n > 0) {
      kernel.with().arg(n).arg(s).arg(odd).arg(even).arg(oddY).arg(evenY)
          .run(Grid.blocks(n, each), THREADS);
    }
  }

  void maxPool2d(
      Pool2dGeometry g, CudaBuffer s, CudaBuffer odd, CudaBuffer even, CudaBuffer winners,
      CudaBuffer oddY, CudaBuffer evenY) {
    Math.toIntExact(g.inputElements());
    long n = winners.elements();
    if (n > 0) {
      maxPool2d.with().arg(n).arg(g.height()).arg(g.width()).arg(g.channels()).arg(g.window())
          .arg(g.stride()).arg(g.padding()).arg(g.outHeight()).arg(g.outWidth())
          .arg(s).arg(odd).arg(even).arg(winners).arg(oddY).arg(evenY)
          .run(Grid.blocks(n, THREADS), THREADS);
    }
  }

  void groupNorm(
      GroupNormGeometry g, CudaBuffer x, CudaBuffer statistics, CudaBuffer gamma, double epsilon,
      CudaBuffer odd, CudaBuffer even, CudaBuffer oddY, CudaBuffer evenY) {
    if (g.samples() > 0) {
      int groups = Math.min(g.groups(), Math.max(1, LANES / g.groupChannels()));
      int blocks = (g.groups() + groups - 1) / groups;
      groupNorm.with().arg((long) g.rows()).arg(g.channels()).arg(g.groups())
          .arg(groups * g.groupChannels()).arg(x).arg(statistics).arg(gamma).arg(odd).arg(even)
          .arg(oddY).arg(evenY).arg(epsilon)
          .run(g.samples(), blocks, 1, THREADS, 0);
    }
  }

  void crossEntropy(
      CudaBuffer x, CudaBuffer odd, CudaBuffer even, CudaBuffer labels, CudaBuffer y, long rows,
      long columns) {
    if (rows > 0) {
      crossEntropy.with().arg(rows).arg(columns).arg(x).arg(odd).arg(even).arg(labels).arg(y)
          .run(Grid.blocks(rows, WARPS), THREADS);
    }
  }
}
