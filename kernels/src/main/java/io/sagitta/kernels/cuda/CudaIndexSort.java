package io.sagitta.kernels.cuda;

import static io.sagitta.kernels.cuda.Grid.THREADS;

import io.sagitta.kernels.DType;

/** Launches the kernels of index_sort.cu: a stable radix sort, as many passes as the keys need. */
final class CudaIndexSort {
  private static final int TILE = 2048;
  private static final int MOST_BITS = 8;

  private final CudaSession session;
  private final LazyKernel count;
  private final LazyKernel scan;
  private final LazyKernel move;

  CudaIndexSort(CudaSession session) {
    this.session = session;
    count = new LazyKernel(session, "index_sort", "index_sort_count");
    scan = new LazyKernel(session, "index_sort", "index_sort_scan");
    move = new LazyKernel(session, "index_sort", "index_sort_move");
  }

  /** Keys in rising order, each with the place it came from; equal keys keep their order. */
  static final class Sorted implements AutoCloseable {
    private final CudaBuffer keys;
    private final CudaBuffer origins;

    private Sorted(CudaSession session, int n) {
      keys = session.scratch(DType.I32, n);
      origins = session.scratch(DType.I32, n);
    }

    CudaBuffer keys() {
      return keys;
    }

    CudaBuffer origins() {
      return origins;
    }

    @Override
    public void close() {
      keys.release();
      origins.release();
    }
  }

  /**
   * Sorts the first {@code n} ≥ 1 keys, which are not changed.
   *
   * @param bound 1 more than the greatest key there may be, at most 2³¹
   */
  Sorted sort(CudaBuffer keys, long n, long bound) {
    int entries = Math.toIntExact(n);
    int bits = Math.max(1, Long.SIZE - Long.numberOfLeadingZeros(bound - 1));
    int passes = (bits + MOST_BITS - 1) / MOST_BITS;
    int digit = (bits + passes - 1) / passes;
    int tiles = (entries - 1) / TILE + 1;
    CudaBuffer counts = session.scratch(DType.I32, (long) tiles << digit);
    CudaBuffer totals = session.scratch(DType.I32, 1L << digit);
    Sorted from = null;
    try {
      for (int pass = 0; pass < passes; pass++) {
        Sorted to = new Sorted(session, entries);
        CudaBuffer source = from == null ? keys : from.keys;
        CudaBuffer origins = from == null ? null : from.origins;
        int shift = pass * digit;
        count.with().arg(n).arg(shift).arg(digit).arg(source).arg(counts).run(tiles, THREADS);
        scan.with().arg(tiles).arg(counts).arg(totals).run(1L << digit, THREADS);
        move.with().arg(n).arg(shift).arg(digit).arg(counts).arg(totals).arg(source).arg(origins)
            .arg(to.keys).arg(to.origins).run(tiles, THREADS);
        if (from != null) {
          from.close();
        }
        from = to;
      }
      return from;
    } finally {
      counts.release();
      totals.release();
    }
  }
}
