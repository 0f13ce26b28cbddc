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
  /** What several threads do together. */
  interface Job {
    /**
     * Does what is left to do of it, if anything.
     *
     * @param worker which of the threads this is: 0 called for the job, the others help
     */
    void run(int worker);
  }

  /** About 100 µs. */
  private static final int LOOKS = 3000;

  private final ConcurrentLinkedQueue<Job> jobs = new ConcurrentLinkedQueue<>();
  private final AtomicInteger sleeping = new AtomicInteger();
  private final Thread[] threads;

  Helpers(int count) {
    threads = new Thread[count];
    for (int i = 0; i < count; i++) {
      int worker = i + 1;
      threads[i] = new Thread(() -> work(worker), "sagitta-helper-" + worker);
      threads[i].setDaemon(true);
      threads[i].start();
    }
  }

  /** Has so many helpers run the job as they get free, perhaps when all of it is done. */
  void submit(Job job, int helpers) {
    for (int i = 0; i < helpers; i++) {
      jobs.add(job);
    }
    if (sleeping.get() > 0) {
      for (Thread thread : threads) {
        LockSupport.unpark(thread);
      }
    }
  }

  private void work(int worker) {
    while (true) {
      next().run(worker);
    }
  }

  private Job next() {
    for (int look = 0; look < LOOKS; look++) {
      Job job = jobs.poll();
      if (job != null) {
        return job;
      }
      Thread.onSpinWait();
    }
    sleeping.incrementAndGet();
    try {
      while (true) {
        Job job = jobs.poll();
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
