package io.sagitta.kernels.host;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.function.IntSupplier;

/**
 * Runs the parts of a kernel on all cores. How work is cut into parts depends on its size alone,
 * never on the number of threads, so that sums come out the same on any machine. The calling thread
 * works too, and takes every part itself where no helper is free, so calls may nest.
 *
 * <p>Every thread starts in a stretch of its own, always the same, and takes from the others' when
 * that is done: what the last kernel left of a tensor in a core's cache is where the next one,
 * which cuts it alike, reads it. And every kernel goes the opposite way to the one before: of what
 * is larger than a cache, the last parts are still there, the first are not.
 */
public final class Parallel {
  /** A part of a kernel. */
  public interface Part {
    /** Does it. */
    void run(int index);
  }

  /** A part of a kernel over elements (or rows, or units) {@code from} to {@code to}. */
  public interface Range {
    /** Does it. */
    void run(int from, int to);
  }

  /** About as long as it takes to wake a sleeping thread. */
  private static final int SPINS = 2000;

  private static final int CORES = Runtime.getRuntime().availableProcessors();
  private static final Helpers HELPERS = new Helpers(Math.max(1, CORES - 1));
  private static volatile int threads = CORES;

  /** How many share the cores with the calling thread, which counts; null for nobody. */
  private static final ThreadLocal<IntSupplier> CALLERS = new ThreadLocal<>();

  /** Whether the last kernel went backward; where callers mix, only speed depends on it. */
  private static volatile boolean backward;

  private Parallel() {}

  /** How many threads may work on a kernel that the calling one runs. */
  public static int threads() {
    IntSupplier callers = CALLERS.get();
    return callers == null ? threads : Math.max(1, threads / callers.getAsInt());
  }

  /**
   * Does work whose kernels use an even part of the threads.
   *
   * @param callers how many share them at the moment; asked before each kernel
   */
  public static void sharing(IntSupplier callers, Runnable work) {
    IntSupplier before = CALLERS.get();
    CALLERS.set(callers);
    try {
      work.run();
    } finally {
      CALLERS.set(before);
    }
  }

  /** Limits how many threads work at once from now on; at least the calling one. */
  public static void threads(int limit) {
    threads = Math.max(1, limit);
  }

  /** Runs parts 0 … count−1, each once, in any order, and returns when all are done. */
  public static void run(int count, Part part) {
    int workers = Math.min(count, threads());
    boolean turned = count > workers && !backward;
    backward = turned;
    if (workers < 2) {
      for (int i = 0; i < count; i++) {
        part.run(turned ? count - 1 - i : i);
      }
      return;
    }
    Job job = new Job(count, part, turned, workers);
    HELPERS.submit(job, workers - 1);
    job.run(0);
    job.await();
  }

  /**
   * Cuts 0 … count into even ranges and runs each once.
   *
   * @param grain the greatest length of a range, before it is rounded up
   * @param multiple every range but the last has a length that this divides
   */
  public static void ranges(int count, int grain, int multiple, Range body) {
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

  /** Parts that threads claim one after the other, each from its own stretch first. */
  private static final class Job implements Helpers.Job {
    /** Between the counters of two stretches, so that they share no cache line. */
    private static final int APART = 16;

    private final int count;
    private final Part part;
    private final boolean backward;
    private final int stretches;
    private final AtomicIntegerArray taken;
    private final AtomicInteger done = new AtomicInteger();
    private final CountDownLatch finished = new CountDownLatch(1);
    private volatile Throwable failure;

    Job(int count, Part part, boolean backward, int stretches) {
      this.count = count;
      this.part = part;
      this.backward = backward;
      this.stretches = stretches;
      this.taken = new AtomicIntegerArray(stretches * APART);
    }

    @Override
    public void run(int worker) {
      for (int i = 0; i < stretches; i++) {
        runStretch((worker + i) % stretches);
      }
    }

    private void runStretch(int stretch) {
      int from = start(stretch);
      int length = start(stretch + 1) - from;
      int counter = stretch * APART;
      for (int i = taken.getAndIncrement(counter); i < length; i = taken.getAndIncrement(counter)) {
        try {
          part.run(backward ? from + length - 1 - i : from + i);
        } catch (RuntimeException | Error e) {
          failure = e;
        } finally {
          if (done.incrementAndGet() == count) {
            finished.countDown();
          }
        }
      }
    }

    private int start(int stretch) {
      return (int) ((long) count * stretch / stretches);
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
