package io.sagitta.kernels.host;

import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
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
  private final Thread[] threads;

  /** How many look for work at the moment, and will find it without being woken. */
  private final AtomicInteger looking = new AtomicInteger();

  /** At least as many as there are ones in {@link #asleep}. */
  private final AtomicInteger sleeping = new AtomicInteger();

  /** 1 for a helper that is to be woken; whoever puts 0 there wakes it. */
  private final AtomicIntegerArray asleep;

  Helpers(int count) {
    asleep = new AtomicIntegerArray(count);
    threads = new Thread[count];
    for (int i = 0; i < count; i++) {
      int index = i;
      threads[i] = new Thread(() -> work(index), "sagitta-helper-" + (i + 1));
      threads[i].setDaemon(true);
    }
    for (Thread thread : threads) {
      thread.start();
    }
  }

  /** Has so many helpers run the job as they get free, perhaps when all of it is done. */
  void submit(Job job, int helpers) {
    for (int i = 0; i < helpers; i++) {
      jobs.add(job);
    }
    // Read now: whoever looks at this moment looks once more, and then the job is there.
    int missing = helpers - looking.get();
    for (int i = 0; missing > 0 && i < threads.length && sleeping.get() > 0; i++) {
      if (rouse(i)) {
        LockSupport.unpark(threads[i]);
        missing--;
      }
    }
  }

  /** Helpers that sleep, give or take those on their way. */
  int sleeping() {
    return sleeping.get();
  }

  private void work(int index) {
    while (true) {
      Job job = look();
      (job == null ? sleep(index) : job).run(index + 1);
    }
  }

  private Job look() {
    looking.incrementAndGet();
    try {
      for (int look = 0; look < LOOKS; look++) {
        Job job = jobs.poll();
        if (job != null) {
          return job;
        }
        Thread.onSpinWait();
      }
      return null;
    } finally {
      looking.decrementAndGet();
    }
  }

  /** Says that it sleeps before it looks once more, so that no job is added unseen in between. */
  private Job sleep(int index) {
    while (true) {
      if (asleep.get(index) == 0) {
        sleeping.incrementAndGet();
        asleep.set(index, 1);
      }
      Job job = jobs.poll();
      if (job != null) {
        rouse(index);
        return job;
      }
      LockSupport.park(this);
    }
  }

  /** Whether the helper slept until now. */
  private boolean rouse(int index) {
    if (!asleep.compareAndSet(index, 1, 0)) {
      return false;
    }
    sleeping.decrementAndGet();
    return true;
  }
}
