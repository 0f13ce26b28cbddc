package io.sagitta.attack.spark;

import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * A thread that speaks for a model at a time: who listens to progress tells models apart by who
 * speaks.
 */
final class Lane implements AutoCloseable {
  private final ExecutorService thread =
      Executors.newSingleThreadExecutor(
          body -> {
            Thread made = new Thread(body, "sagitta-lane");
            made.setDaemon(true);
            return made;
          });

  /** Says something, and returns when it was heard; what the listener throws is thrown here. */
  void say(Runnable words) {
    try {
      thread.submit(words).get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException failure) {
        throw failure;
      }
      throw (Error) e.getCause();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while progress was shown", e);
    }
  }

  @Override
  public void close() {
    thread.shutdown();
  }
}
