package io.sagitta.kernels.host;

/** Cuts {@code total} items into {@code count} even runs, one for each thread. */
record DnnlShares(int total, int count) {
  /** Less work than this is done sooner than another thread wakes up. */
  private static final long OPERATIONS = 4_000_000;

  /**
   * As many shares as are worth their threads.
   *
   * @param operations multiplications and additions that all items take
   * @param threads that may work at once
   */
  static DnnlShares of(int total, long operations, int threads) {
    long worthwhile = Math.max(1, operations / OPERATIONS);
    return new DnnlShares(total, (int) Math.min(worthwhile, Math.min(total, threads)));
  }

  int from(int share) {
    return (int) ((long) total * share / count);
  }

  int size(int share) {
    return from(share + 1) - from(share);
  }
}
