package io.sagitta;

import java.util.concurrent.CountDownLatch;

/** Waiting where a lambda may throw nothing that is checked. */
public final class Latches {
  private Latches() {}

  /** Waits until a latch is open. */
  public static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
