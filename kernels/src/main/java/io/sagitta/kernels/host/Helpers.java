package io.sagitta.kernels.host;

import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/**
 * The threads that help those which call kernels. A helper that has run out of work looks for more
 * for a moment before it sleeps: the next kernel of a network usually comes within microseconds,
 * and waking a thread takes longer than many a kernel.
 */
final class Helpers {
  /** About 100 µs. */
  private static final int LOOKS = 3000;

  private final ConcurrentLinkedQueue<Runnable> jobs = new ConcurrentLinkedQueue<>();
  private final AtomicInteger sleeping = new AtomicInteger();
  private final Thread[] threads;

  Helpers(int count) {
    threads = new Thread[count];
    for (int i = 0; i < count; i++) {
      threads[i] = new Thread(this::work, "sagitta-helper-" + i);
      threads[i].setDaemon(true);
      threads[i].start();
    }
  }

  /** Has a helper run the job when one is free; the job may come when all its work is done. */
  void submit(Runnable job) {
    jobs.add(job);
    if (sleeping.get() > 0) {
      for (Thread thread : threads) {
        LockSupport.unpark(thread);
      }
    }
  }

  private void work() {
    while (true) {
      Runnable job = next();
      job.run();
    }
  }

  private Runnable next() {
    for (int look = 0; look < LOOKS; look++) {
      Runnable job = jobs.poll();
      if (job != null) {
        return job;
      }
      Thread.onSpinWait();
    }
    sleeping.incrementAndGet();
    try {
      while (true) {
        Runnable job = jobs.poll();
        if (job != null) {
          return job;
        }
        LockSupport.park(this);
      }
    } finally {
      sleeping.decrementAndGet();
    }
  }
}
