package io.sagitta.nn.data;

import io.sagitta.kernels.Devices;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.IntConsumer;
import java.util.function.IntFunction;

/**
 * Threads that decode pictures in the background, one a core. What they make depends on the picture
 * alone, so results are the same with any number of them.
 */
final class Decoders {
  private static final int THREADS = Devices.hostThreads();

  /** Begun and not yet used, so that no thread waits for who uses them, nor memory fills up. */
  private static final int AHEAD = 4 * THREADS;

  private static final ExecutorService POOL =
      Executors.newFixedThreadPool(
          THREADS,
          body -> {
            Thread thread = new Thread(body, "sagitta-decoder");
            thread.setDaemon(true);
            return thread;
          });

  /** Takes results in order. */
  interface Taker<T> {
    /** Takes one. */
    void take(int index, T result);
  }

  private Decoders() {}

  static <T> Future<T> begin(Callable<T> work) {
    return POOL.submit(work);
  }

  /** Waits; what the work threw is thrown here. */
  static <T> T await(Future<T> work) {
    try {
      return work.get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException failure) {
        throw failure;
      }
      if (e.getCause() instanceof Error error) {
        throw error;
      }
      throw new IllegalStateException(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while pictures were decoded", e);
    }
  }

  /** Makes results 0 … count − 1, several at once; they are taken in order, by this thread. */
  static <T> void inOrder(int count, IntFunction<T> make, Taker<T> taker) {
    Deque<Future<T>> begun = new ArrayDeque<>();
    try {
      int next = 0;
      for (int index = 0; index < count; index++) {
        while (next < count && begun.size() < AHEAD) {
          int number = next++;
          begun.add(begin(() -> make.apply(number)));
        }
        taker.take(index, await(begun.remove()));
      }
    } finally {
      begun.forEach(work -> work.cancel(false));
    }
  }

  /** Does things 0 … count − 1, several at once, and returns when all are done. */
  static void all(int count, IntConsumer work) {
    List<Future<?>> begun = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      int index = i;
      begun.add(
          begin(
              () -> {
                work.accept(index);
                return null;
              }));
    }
    begun.forEach(Decoders::await);
  }
}
