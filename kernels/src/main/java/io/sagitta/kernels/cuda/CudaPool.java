package io.sagitta.kernels.cuda;

import io.sagitta.kernels.DType;
import io.sagitta.kernels.Pool2dGeometry;

/** Launches pool.cu: a block has a row of the result, or a part of it. */
final class CudaPool {
  /** Enough warps of a block to fill a multiprocessor with few blocks. */
  private static final int THREADS = 256;

  private static final int WARP = 32;

  /** The most blocks along the second axis of a grid. */
  private static final int MOST_PARTS = 65_535;

  private final KernelFile kernels;

  CudaPool(CudaSession session) {
    this.kernels = new KernelFile(session, "pool");
  }

  void maxPool2d(Pool2dGeometry g, CudaBuffer x, CudaBuffer y, CudaBuffer winners) {
    Math.toIntExact(g.inputElements());
    if (g.batch() > 0) {
      run(
          begin(x.type() == DType.BF16 ? "pool_max_bf16" : "pool_max_f32", g)
              .arg(x).arg(y).arg(winners),
          (long) g.batch() * g.outHeight(), Math.multiplyExact(g.outWidth(), g.channels()));
    }
  }

  void avgPool2d(Pool2dGeometry g, CudaBuffer x, CudaBuffer y) {
    if (g.batch() > 0) {
      run(
          begin("pool_average_f32", g).arg(x).arg(y), (long) g.batch() * g.outHeight(),
          Math.multiplyExact(g.outWidth(), g.channels()));
    }
  }

  void avgPool2dGrad(Pool2dGeometry g, CudaBuffer gradY, CudaBuffer gradX) {
    if (g.batch() > 0) {
      run(
          begin("pool_average_grad_f32", g).arg(gradY).arg(gradX), (long) g.batch() * g.height(),
          Math.multiplyExact(g.width(), g.channels()));
    }
  }

  private Launch begin(String kernel, Pool2dGeometry g) {
    return kernels.get(kernel).with()
        .arg(g.height()).arg(g.width()).arg(g.channels()).arg(g.window()).arg(g.stride())
        .arg(g.padding()).arg(g.outHeight()).arg(g.outWidth());
  }

  private static void run(Launch launch, long rows, int width) {
    int threads = Math.min(THREADS, (width + WARP - 1) / WARP * WARP);
    launch.run(rows, Math.min((width - 1) / threads + 1, MOST_PARTS), 1, threads, 0);
  }
}
