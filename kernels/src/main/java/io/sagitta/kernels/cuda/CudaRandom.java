package io.sagitta.kernels.cuda;

/** Launches random.cu; the rows' streams travel as its argument. */
final class CudaRandom {
  /** Rows of a launch, fixed in the kernel. */
  private static final int ROWS = 256;

  /** Elements of a block, fixed in the kernel. */
  private static final int CHUNK = 4096;

  private static final int THREADS = 256;

  private final KernelFile kernels;
  private final ThreadLocal<long[]> tables = ThreadLocal.withInitial(() -> new long[ROWS]);

  CudaRandom(CudaSession session) {
    this.kernels = new KernelFile(session, "random");
  }

  void rademacher(long seed, long[] streams, CudaBuffer y) {
    if (y.elements() == 0) {
      return;
    }
    long[] table = tables.get();
    long width = y.elements() / streams.length;
    for (int from = 0; from < streams.length; from += ROWS) {
      int rows = Math.min(ROWS, streams.length - from);
      System.arraycopy(streams, from, table, 0, rows);
      kernels.get("rademacher_f32").with()
          .struct(table).arg(seed).arg(width).arg(y.address().value() + from * width * Float.BYTES)
          .run((width - 1) / CHUNK + 1, rows, 1, THREADS, 0);
    }
  }
}
