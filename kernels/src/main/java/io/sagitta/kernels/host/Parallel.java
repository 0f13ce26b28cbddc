package io.sagitta.kernels.host;

import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.ForkJoinTask;

/**
 * Runs the parts of a kernel on all cores. How work is cut into parts depends on its size alone,
 * never on the number of threads, so that sums come out the same on any machine.
 */
final class Parallel {
  /** A part of a kernel. */
  interface Part {
    void run(int index);
  }

  private static final int THREADS =
      Integer.getInteger("sagitta.threads", Runtime.getRuntime().availableProcessors());
  private static final ForkJoinPool POOL = new ForkJoinPool(THREADS);

  private Parallel() {}

  static int threads() {
    return THREADS;
  }

  /** Runs parts 0 … count−1, each once, and returns when all are done. */
  static void run(int count, Part part) {
    if (count <= 1 || THREADS == 1) {
      for (int i = 0; i < count; i++) {
        part.run(i);
      }
      return;
    }
    ForkJoinTask<?>[] tasks = new ForkJoinTask<?>[count - 1];
    for (int i = 1; i < count; i++) {
      int index = i;
      tasks[i - 1] = POOL.submit(() -> part.run(index));
    }
    part.run(0);
    for (ForkJoinTask<?> task : tasks) {
      task.join();
    }
  }
}
