package io.sagitta.kernels.host;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Runs the parts of a kernel on all cores. How work is cut into parts depends on its size alone,
 * never on the number of threads, so that sums come out the same on any machine. The calling thread
 * works too, and takes every part itself where no helper is free, so calls may nest.
 */
final class Parallel {
  /** A part of a kernel. */
  interface Part {
    void run(int index);
  }

  /** A part of a kernel over elements (or rows, or units) {@code from} to {@code to}. */
  interface Range {
    void run(int from, int to);
  }

  /** About as long as it takes to wake a sleeping thread. */
  private static final int SPINS = 2000;

  private static final int CORES =
      Integer.getInteger("sagitta.threads", Runtime.getRuntime().availableProcessors());
  private static final Helpers HELPERS = new Helpers(Math.max(1, CORES - 1));
  private static volatile int threads = CORES;

  private Parallel() {}

  static int threads() {
    return threads;
  }

  /** Limits how many threads work at once from now on; at least the calling one. */
  static void threads(int limit) {
    threads = Math.max(1, limit);
  }

  /** Runs parts 0 … count−1, each once, and returns when all are done. */
  static void run(int count, Part part) {
    int helpers = Math.min(count, threads) - 1;
    if (helpers < 1) {
      for (int i = 0; i < count; i++) {
        part.run(i);
      }
      return;
    }
    Job job = new Job(count, part);
    for (int i = 0; i < helpers; i++) {
      HELPERS.submit(job);
    }
    job.run();
    job.await();
  }

  /**
   * Cuts 0 … count into even ranges and runs each once.
   *
   * @param grain the greatest length of a range
   * @param multiple every range but the last has a length that this divides
   */
  static void ranges(int count, int grain, int multiple, Range body) {
    if (count <= grain) {
      if (count > 0) {
        body.run(0, count);
      }
      return;
    }
    int parts = (count - 1) / grain + 1;
    int even = (count - 1) / parts + 1;
    int length = (even + multiple - 1) / multiple * multiple;
    run((count - 1) / length + 1, p -> {
      int from = p * length;
      body.run(from, Math.min(length, count - from) + from);
    });
  }

  /** Parts that threads claim one after the other. */
  private static final class Job implements Runnable {
    private final int count;
    private final Part part;
    private final AtomicInteger next = new AtomicInteger();
    private final AtomicInteger done = new AtomicInteger();
    private final CountDownLatch finished = new CountDownLatch(1);
    private volatile Throwable failure;

    Job(int count, Part part) {
      this.count = count;
      this.part = part;
    }

    @Override
    public void run() {
      for (int i = next.getAndIncrement(); i < count; i = next.getAndIncrement()) {
        try {
          part.run(i);
        } catch (RuntimeException | Error e) {
          failure = e;
        } finally {
          if (done.incrementAndGet() == count) {
            finished.countDown();
          }
        }
      }
    }

    /** Returns when every part is done; a part's failure is thrown here. */
    void await() {
      for (int i = 0; i < SPINS && done.get() < count; i++) {
        Thread.onSpinWait();
      }
      boolean interrupted = false;
      while (done.get() < count) {
        try {
          finished.await();
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
      if (failure instanceof Error) {
        throw (Error) failure;
      } else if (failure != null) {
        throw (RuntimeException) failure;
      }
    }
  }
}
