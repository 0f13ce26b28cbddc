package io.sagitta.attack.shadow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sagitta.attack.run.Progress;
import io.sagitta.attack.run.StoppedException;
import io.sagitta.attack.work.StandInWorkers;
import io.sagitta.attack.work.Workers;
import io.sagitta.kernels.SharedCores;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/** The way that is measured to be faster is taken; steps take time on a clock that they turn. */
class TrialTest {
  private static final long MILLI = 1_000_000;
  private static final List<Integer> MODELS = List.of(0, 1, 2, 3, 4);
  private static final long STEPS = 100_000;
  private static final long MEBIBYTE = 1L << 20;
  private static final long GIBIBYTES = 80L << 30;

  private final AtomicLong clock = new AtomicLong();
  private long memoryBytes = 1L << 30;
  private final List<Integer> asked = Collections.synchronizedList(new ArrayList<>());
  private String message;
  private Map<String, Object> figures;

  private final Progress progress =
      new Progress() {
        @Override
        public void note(String said, Map<String, Object> shown) {
          message = said;
          figures = shown;
        }
      };

  private static void requireSeveralCores() {
    Assumptions.assumeTrue(SharedCores.cores() > 1, "one core has one model at a time");
  }

  /**
   * What is chosen on a GPU, where a step takes 1 s / {@code rates[0]} with one model, 2 s / {@code
   * rates[1]} with two at once, and so on: twice as many each time.
   */
  private int chooseOnGpu(int models, long steps, long freeBytes, double... rates) {
    ThreadLocal<long[]> clocks = ThreadLocal.withInitial(() -> new long[1]);
    StandInWorkers device = new StandInWorkers(MEBIBYTE, freeBytes);
    Trial.Training training =
        (model, backend, listener) -> {
          int count = device.open();
          asked.add(count);
          double rate = rates[Integer.numberOfTrailingZeros(count)];
          for (int step = 0; ; step++) {
            clocks.get()[0] += (long) (1000 * MILLI * count / rate);
            listener.onStep(0, step, Integer.MAX_VALUE, 1, 0);
          }
        };
    try (Workers workers = device.on("cuda:0")) {
      Trial trial = new Trial(workers, progress, training, () -> clocks.get()[0], 1);
      return trial.choose(IntStream.range(0, models).boxed().toList(), steps);
    }
  }

  @Test
  void aGpuGetsTwiceAsManyAsLongAsThatIsFaster() {
    assertThat(chooseOnGpu(100, STEPS, GIBIBYTES, 100, 180, 300, 200)).isEqualTo(4);
    assertThat(message)
        .isEqualTo(
            "4 models at once: measured 300.0 steps/s together, 100.0 one model after the other");
    assertThat(figures).containsEntry("at_once", 4);
    assertThat(asked).containsOnly(1, 2, 4, 8).startsWith(1);
    assertThat(chooseOnGpu(100, STEPS, GIBIBYTES, 100, 180, 300, 310)).isEqualTo(8);
    assertThat(chooseOnGpu(7, STEPS, GIBIBYTES, 100, 180, 300)).as("of 7 models").isEqualTo(4);
  }

  @Test
  void aGpuGetsNoMoreWhereThatGainsLessThanThreePercent() {
    assertThat(chooseOnGpu(100, STEPS, GIBIBYTES, 100, 102, 300)).isEqualTo(1);
    assertThat(message)
        .isEqualTo(
            "one model at a time: measured 102.0 steps/s together, 100.0 one model after the"
                + " other");
    assertThat(asked).containsOnly(1, 2);
    assertThat(chooseOnGpu(100, STEPS, GIBIBYTES, 100, 104, 107)).isEqualTo(2);
  }

  @Test
  void aGpuGetsAsManyAsItsMemoryHasRoomFor() {
    long each = (256 + 2) * MEBIBYTE;
    assertThat(chooseOnGpu(100, STEPS, 2 * each, 100, 200, 400, 800)).isEqualTo(4);
    assertThat(asked).containsOnly(1, 2, 4);
    assertThat(chooseOnGpu(100, STEPS, each / 2, 100, 200)).isEqualTo(1);
    assertThat(message).contains("memory has room for one");
  }

  @Test
  void twoMinutesOfAGpuAreNotWorthATrial() {
    assertThat(chooseOnGpu(100, 11_900, GIBIBYTES, 100, 200)).isEqualTo(1);
    assertThat(asked).containsOnly(1);
    assertThat(message).isNull();
    assertThat(chooseOnGpu(100, 12_100, GIBIBYTES, 100, 200, 200)).isEqualTo(2);
  }

  @Test
  void severalGpusAreNotTried() {
    try (Workers workers = new StandInWorkers(1, GIBIBYTES).on("cuda:0", "cuda:1")) {
      Trial trial = new Trial(workers, progress, steps(1, 1), clock::get, memoryBytes);
      assertThat(trial.choose(MODELS, STEPS)).isEqualTo(1);
    }
  }

  /** A step takes some milliseconds on the caller's thread, others on those of several workers. */
  private Trial.Training steps(long alone, long together) {
    Thread caller = Thread.currentThread();
    return (model, backend, listener) -> {
      for (int step = 0; ; step++) {
        clock.addAndGet((Thread.currentThread() == caller ? alone : together) * MILLI);
        listener.onStep(0, step, Integer.MAX_VALUE, 1, 0);
      }
    };
  }

  private int choose(Trial.Training training, List<Integer> models, long steps) {
    try (Workers workers = Workers.open("host")) {
      return new Trial(workers, progress, training, clock::get, memoryBytes).choose(models, steps);
    }
  }

  @Test
  void oneAfterTheOtherWhereThatIsFaster() {
    requireSeveralCores();
    assertThat(choose(steps(10, 1000), MODELS, STEPS)).isEqualTo(1);
    assertThat(message).startsWith("one model at a time: measured ");
    assertThat(figures).containsEntry("at_once", 1);
    double alone = (double) figures.get("steps_per_second_alone");
    assertThat(alone).isBetween(99.9, 100.1);
    assertThat((double) figures.get("steps_per_second_together")).isLessThan(alone);
  }

  @Test
  void severalAtOnceWhereThatIsFaster() {
    requireSeveralCores();
    int chosen = choose(steps(100, 1), MODELS, STEPS);
    assertThat(chosen).isEqualTo(Math.min(SharedCores.cores(), MODELS.size()));
    assertThat(message).startsWith(chosen + " models at once: measured ");
    assertThat(figures).containsEntry("at_once", chosen);
  }

  @Test
  void littleWorkIsNotMeasured() {
    Trial.Training none =
        (model, backend, listener) -> {
          throw new AssertionError("trained");
        };
    assertThat(choose(none, MODELS, 999)).isEqualTo(1);
    assertThat(choose(none, MODELS.subList(0, 1), STEPS)).isEqualTo(1);
    assertThat(message).isNull();
  }

  @Test
  void memoryForOneModelHasRoomForOne() {
    requireSeveralCores();
    Trial.Training large =
        (model, backend, listener) -> {
          backend.allocate(backend.dtype(), 1000).release();
          steps(1, 1).run(model, backend, listener);
        };
    memoryBytes = 8000;
    assertThat(choose(large, MODELS, STEPS)).isEqualTo(1);
    assertThat(message).contains("memory has room for one");
  }

  @Test
  void theUserCanStopIt() {
    requireSeveralCores();
    Progress stopping =
        new Progress() {
          @Override
          public void check() {
            throw new StoppedException("enough");
          }
        };
    try (Workers workers = Workers.open("host")) {
      Trial trial = new Trial(workers, stopping, steps(1, 1), clock::get, memoryBytes);
      assertThatThrownBy(() -> trial.choose(MODELS, STEPS)).isInstanceOf(StoppedException.class);
    }
  }
}
