package io.sagitta.nn.io;

import java.util.function.LongSupplier;

/** When to save unfinished work again: by how long ago the last time was, and what it cost. */
public final class SaveInterval {
  /** Work between two times is at least so many times the work of saving. */
  private static final long WORTH = 20;

  private final LongSupplier nanos;
  private long saved;
  private long cost;

  /**
   * Begins now.
   *
   * @param nanos the clock
   */
  public SaveInterval(LongSupplier nanos) {
    this.nanos = nanos;
    this.saved = nanos.getAsLong();
  }

  /** Whether the last time, or the beginning, is longer ago than this. */
  public boolean isOlderThan(long age) {
    return nanos.getAsLong() - saved > age;
  }

  /** Whether saving takes no more than a twentieth of the time since. */
  public boolean isWorthIt() {
    return isOlderThan(WORTH * cost);
  }

  /** Saves, and times it. */
  public void save(Runnable work) {
    long start = nanos.getAsLong();
    work.run();
    saved = nanos.getAsLong();
    cost = saved - start;
  }
}
