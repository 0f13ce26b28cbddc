package io.sagitta.kernels;

import io.sagitta.kernels.host.Parallel;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Threads that compute on the host at the same time, each something of its own. They divide the
 * cores evenly, and when one is done the others have more. Results do not depend on how many cores
 * they were computed with.
 */
public final class SharedCores {
  private final AtomicInteger callers = new AtomicInteger();

  /** Cores that there are to share. */
  public static int cores() {
    return Parallel.threads();
  }

  /** Does work on the calling thread, which until its end is one of those that share. */
  public void run(Runnable work) {
    callers.incrementAndGet();
    try {
      Parallel.sharing(() -> Math.max(1, callers.get()), work);
    } finally {
      callers.decrementAndGet();
    }
  }
}
