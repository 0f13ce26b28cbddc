package io.sagitta.attack.console;

import io.sagitta.attack.run.StoppedException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Ctrl-C and SIGTERM. The virtual machine waits until the work in progress has seen the request,
 * has put its files in order and has said so.
 */
final class StopSignal {
  /** A batch takes less; a supervisor's own patience is mostly 30 seconds. */
  private static final long PATIENCE_SECONDS = 20;

  private final CountDownLatch done = new CountDownLatch(1);
  private volatile boolean requested;

  /** From now on a signal is a request. */
  void install() {
    Runtime.getRuntime().addShutdownHook(new Thread(this::requestAndWait, "sagitta-stop"));
  }

  void requestAndWait() {
    requested = true;
    try {
      done.await(PATIENCE_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Says that no more work follows. */
  void workIsDone() {
    done.countDown();
  }

  boolean requested() {
    return requested;
  }

  /** Called between batches. */
  void check() {
    if (requested) {
      throw new StoppedException("stopped; what is done is kept, and the same command continues");
    }
  }
}
