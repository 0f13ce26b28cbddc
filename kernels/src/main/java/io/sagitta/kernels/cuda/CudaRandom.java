package io.sagitta.kernels.cuda;

import io.sagitta.kernels.RandomSigns;

/** Launches random.cu. */
final class CudaRandom {
  /** Elements of a row that a block makes, fixed in the kernel. */
  private static final int CHUNK = 4096;

  /** Enough blocks for any device; further rows are done by the same. */
  private static final int MOST_ROWS = 512;

  private static final int THREADS = 256;

  private final LazyKernel rademacher;

  CudaRandom(CudaSession session) {
    rademacher = new LazyKernel(session, "random", "rademacher_f32");
  }

  void rademacher(RandomSigns signs, CudaBuffer y) {
    if (y.elements() == 0) {
      return;
    }
    CudaBuffer keys = CudaBuffer.of(signs.keys());
    int rows = Math.toIntExact(keys.elements() / RandomSigns.KEY);
    long width = y.elements() / rows;
    rademacher.with().arg(rows).arg(width).arg(keys).arg(CudaBuffer.of(signs.weights())).arg(y)
        .run((width - 1) / CHUNK + 1, Math.min(rows, MOST_ROWS), 1, THREADS, 0);
  }
}
