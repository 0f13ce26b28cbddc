package io.sagitta.kernels.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sagitta.kernels.SharedCores;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ParallelTest {
  private final int threads = Parallel.threads();
  private final ConcurrentLinkedQueue<Integer> seen = new ConcurrentLinkedQueue<>();

  @BeforeEach
  void severalThreads() {
    Parallel.threads(4);
  }

  @AfterEach
  void asBefore() {
    Parallel.threads(threads);
  }

  @Test
  void everyPartRunsOnce() {
    AtomicIntegerArray runs = new AtomicIntegerArray(1000);
    Parallel.run(1000, runs::incrementAndGet);
    for (int i = 0; i < 1000; i++) {
      assertThat(runs.get(i)).as("part %d", i).isEqualTo(1);
    }
  }

  @Test
  void callsMayNest() {
    AtomicInteger sum = new AtomicInteger();
    Parallel.run(20, i -> Parallel.run(20, sum::addAndGet));
    assertThat(sum).hasValue(20 * 190);
  }

  @Test
  void callersShareTheThreadsUntilTheyAreDone() {
    SharedCores cores = new SharedCores();
    cores.run(
        () -> {
          assertThat(Parallel.threads()).as("alone").isEqualTo(4);
          Thread other = new Thread(() -> cores.run(() -> seen.add(Parallel.threads())));
          other.start();
          join(other);
          assertThat(Parallel.threads()).as("alone again").isEqualTo(4);
        });
    assertThat(seen).as("two callers").containsExactly(2);
    cores.run(() -> cores.run(() -> cores.run(() -> seen.add(Parallel.threads()))));
    assertThat(seen).as("at least the caller itself").endsWith(1);
    assertThat(Parallel.threads()).as("sharing with nobody").isEqualTo(4);
  }

  private static void join(Thread thread) {
    try {
      thread.join();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void aFailureReachesTheCaller() {
    assertThatThrownBy(
            () ->
                Parallel.run(
                    50,
                    i -> {
                      if (i == 37) {
                        throw new IllegalStateException("part 37");
                      }
                    }))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("part 37");
    assertThatThrownBy(
            () ->
                Parallel.run(
                    2,
                    i -> {
                      throw new OutOfMemoryError("no more");
                    }))
        .isInstanceOf(OutOfMemoryError.class);
  }

  @Test
  void anInterruptedCallerFinishesAndStaysInterrupted() {
    AtomicInteger runs = new AtomicInteger();
    Thread.currentThread().interrupt();
    Parallel.run(100, i -> runs.incrementAndGet());
    assertThat(Thread.interrupted()).isTrue();
    assertThat(runs).hasValue(100);
  }

  @Property(tries = 300, seed = "1")
  void rangesCoverEverythingOnce(
      @ForAll @IntRange(max = 5000) int count,
      @ForAll @IntRange(min = 1, max = 3000) int grain,
      @ForAll @IntRange(min = 1, max = 40) int multiple) {
    AtomicIntegerArray covered = new AtomicIntegerArray(count);
    ConcurrentLinkedQueue<Integer> starts = new ConcurrentLinkedQueue<>();
    Parallel.ranges(count, grain, multiple, (from, to) -> {
      starts.add(from);
      assertThat(to - from).isBetween(1, grain + multiple);
      for (int i = from; i < to; i++) {
        covered.incrementAndGet(i);
      }
    });
    assertThat(starts).allMatch(start -> start % multiple == 0);
    for (int i = 0; i < count; i++) {
      assertThat(covered.get(i)).as("element %d", i).isEqualTo(1);
    }
  }
}
