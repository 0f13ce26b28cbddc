package io.sagitta.kernels.host;

/**
 * Cuts {@code total} items into {@code count} even runs, which threads take one after the other.
 * The count depends on the work alone, never on the number of threads: oneDNN may add up in another
 * order for another number of items, so only then are results the same bits on any number of cores.
 */
record DnnlShares(int total, int count) {
  /** A share of two takes twice as long at least, one of thirty-two thirty-two times. */
  private static final long OPERATIONS = 2_000_000;

  /** Enough for the cores of a large machine. */
  private static final int MOST = 32;

  /**
   * As many shares as are worth handing out, a power of two, which suits most numbers of cores.
   * The more there are, the more work each has, since each costs some microseconds.
   *
   * @param operations multiplications and additions that all items take
   * @param most shares that the operation likes
   */
  static DnnlShares of(int total, long operations, long most) {
    double worthwhile = Math.sqrt((double) operations / OPERATIONS);
    long count = (long) Math.min(worthwhile, Math.min(total, Math.min(most, MOST)));
    return new DnnlShares(total, (int) Long.highestOneBit(Math.max(1, count)));
  }

  int from(int share) {
    return (int) ((long) total * share / count);
  }

  int size(int share) {
    return from(share + 1) - from(share);
  }
}
