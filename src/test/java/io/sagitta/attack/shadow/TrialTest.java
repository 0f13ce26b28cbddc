package io.sagitta.attack.shadow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sagitta.attack.run.Progress;
import io.sagitta.attack.run.StoppedException;
import io.sagitta.attack.work.Workers;
import io.sagitta.kernels.SharedCores;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The way that is measured to be faster is taken; steps take time on a clock that they turn. */
class TrialTest {
  private static final long MILLI = 1_000_000;
  private static final List<Integer> MODELS = List.of(0, 1, 2, 3, 4);
  private static final long STEPS = 100_000;

  private final AtomicLong clock = new AtomicLong();
  private long memoryBytes = 1L << 30;
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

  @BeforeEach
  void severalCores() {
    Assumptions.assumeTrue(SharedCores.cores() > 1, "one core has one model at a time");
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
    assertThat(choose(steps(10, 1000), MODELS, STEPS)).isEqualTo(1);
    assertThat(message).startsWith("one model at a time: measured ");
    assertThat(figures).containsEntry("at_once", 1);
    double alone = (double) figures.get("steps_per_second_alone");
    assertThat(alone).isBetween(99.9, 100.1);
    assertThat((double) figures.get("steps_per_second_together")).isLessThan(alone);
  }

  @Test
  void severalAtOnceWhereThatIsFaster() {
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
