package io.sagitta.kernels.cuda;

import static io.sagitta.kernels.cuda.Grid.THREADS;

import io.sagitta.kernels.DType;
import io.sagitta.kernels.Scope;

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
  static final class Sorted {
    private final CudaBuffer keys;
    private final CudaBuffer origins;

    private Sorted(CudaBuffer keys, CudaBuffer origins) {
      this.keys = keys;
      this.origins = origins;
    }

    CudaBuffer keys() {
      return keys;
    }

    CudaBuffer origins() {
      return origins;
    }
  }

  /**
   * Sorts the first {@code n} ≥ 1 keys, which are not changed.
   *
   * @param scratch holds the result and what it takes to get there
   * @param bound 1 more than the greatest key there may be, at most 2³¹
   */
  Sorted sort(Scope scratch, CudaBuffer keys, long n, long bound) {
    int entries = Math.toIntExact(n);
    int bits = Math.max(1, Long.SIZE - Long.numberOfLeadingZeros(bound - 1));
    int passes = (bits + MOST_BITS - 1) / MOST_BITS;
    int digit = (bits + passes - 1) / passes;
    int tiles = (entries - 1) / TILE + 1;
    CudaBuffer counts = indices(scratch, (long) tiles << digit);
    CudaBuffer totals = indices(scratch, 1L << digit);
    Sorted from = new Sorted(keys, null);
    Sorted to = pair(scratch, n);
    Sorted spare = passes == 1 ? null : pair(scratch, n);
    for (int pass = 0; pass < passes; pass++) {
      int shift = pass * digit;
      count.with().arg(n).arg(shift).arg(digit).arg(from.keys).arg(counts).run(tiles, THREADS);
      scan.with().arg(tiles).arg(counts).arg(totals).run(1L << digit, THREADS);
      move.with().arg(n).arg(shift).arg(digit).arg(counts).arg(totals).arg(from.keys)
          .arg(from.origins).arg(to.keys).arg(to.origins).run(tiles, THREADS);
      Sorted done = to;
      to = pass == 0 ? spare : from;
      from = done;
    }
    return from;
  }

  private Sorted pair(Scope scratch, long n) {
    return new Sorted(indices(scratch, n), indices(scratch, n));
  }

  private CudaBuffer indices(Scope scratch, long n) {
    return scratch.add(session.scratch(DType.I32, n));
  }
}
