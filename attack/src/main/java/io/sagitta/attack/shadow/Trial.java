package io.sagitta.attack.shadow;

import io.sagitta.attack.run.Progress;
import io.sagitta.attack.work.Workers;
import io.sagitta.kernels.Backend;
import io.sagitta.kernels.Devices;
import io.sagitta.kernels.SharedCores;
import io.sagitta.nn.train.DivergedException;
import io.sagitta.nn.train.TrainListener;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.DoubleAdder;
import java.util.function.LongSupplier;

/**
 * Finds out whether the host trains models faster one after the other on all cores, or several at
 * the same time, one a core. Both ways take a few steps of the real trainings, in turn, and the
 * best round of each counts; what is trained is thrown away.
 */
final class Trial {
  /** A training that goes on until the listener throws, or to its end, and leaves nothing. */
  interface Training {
    void run(int model, Backend backend, TrainListener listener);
  }

  private static final int ROUNDS = 3;
  private static final double SECONDS = 0.8;

  /** Where steps are long, one round says enough. */
  private static final double PATIENCE = 30;

  private static final int FEWEST_STEPS = 3;

  /** Less work than so many steps is not worth a trial. */
  private static final long WORTHWHILE_STEPS = 1000;

  /** A step's scratch memory comes on top of its tensors: half as much again is allowed for. */
  private static final double ALLOWANCE = 1.5;

  private static final double NANOS = 1e-9;

  private final Workers workers;
  private final Progress progress;
  private final Training training;
  private final LongSupplier nanos;
  private final long memoryBytes;
  private final AtomicLong peakBytes = new AtomicLong();

  /**
   * @param progress may throw to stop, and hears what was found out
   */
  Trial(Workers workers, Progress progress, Training training) {
    this(workers, progress, training, System::nanoTime, Devices.hostBytes());
  }

  /** The same by another clock, with this much memory. */
  Trial(
      Workers workers, Progress progress, Training training, LongSupplier nanos,
      long memoryBytes) {
    this.workers = workers;
    this.progress = progress;
    this.training = training;
    this.nanos = nanos;
    this.memoryBytes = memoryBytes;
  }

  /**
   * How many of the models to train at the same time.
   *
   * @param steps that all of them take
   */
  int choose(List<Integer> models, long steps) {
    int most = Math.min(SharedCores.cores(), models.size());
    if (most == 1 || steps < WORTHWHILE_STEPS || !workers.isShareable()) {
      return 1;
    }
    rate(models, 1);
    int together = (int) Math.min(most, fitting());
    if (together == 1) {
      tell(1, Double.NaN, Double.NaN, "one model at a time, since memory has room for one");
      return 1;
    }
    rate(models, together);
    double alone = 0;
    double shared = 0;
    long start = nanos.getAsLong();
    for (int round = 0; round < ROUNDS && (round == 0 || seconds(start) < PATIENCE); round++) {
      alone = Math.max(alone, rate(models, 1));
      shared = Math.max(shared, rate(models, together));
    }
    int faster = shared > alone ? together : 1;
    String way = faster == 1 ? "one model at a time" : together + " models at once";
    tell(
        faster, alone, shared,
        String.format(
            Locale.ROOT,
            "%s: measured %.1f steps/s together, %.1f one model after the other", way, shared,
            alone));
    return faster;
  }

  private double seconds(long start) {
    return (nanos.getAsLong() - start) * NANOS;
  }

  private void tell(int chosen, double alone, double together, String message) {
    Map<String, Object> figures = new LinkedHashMap<>();
    figures.put("at_once", chosen);
    figures.put("steps_per_second_together", together);
    figures.put("steps_per_second_alone", alone);
    progress.note(message, figures);
  }

  /** Models that fit into the memory, at least one. */
  private long fitting() {
    double bytes = ALLOWANCE * Math.max(1, peakBytes.get());
    return Math.max(1, (long) (memoryBytes / bytes));
  }

  /** Steps a second of so many models at the same time. */
  private double rate(List<Integer> models, int count) {
    DoubleAdder sum = new DoubleAdder();
    workers.each(
        models.subList(0, count), count, progress,
        (model, backend, own) -> {
          Stopwatch stopwatch = new Stopwatch(own);
          backend.resetPeak();
          try {
            training.run(model, backend, stopwatch);
          } catch (Enough | DivergedException end) {
            // Whether a training diverges is for the real one to say.
          }
          peakBytes.accumulateAndGet(backend.peakBytes(), Math::max);
          sum.add(stopwatch.rate());
        });
    return sum.sum();
  }

  /** Counts the steps after the first, which finds memory and kernels not yet made. */
  private final class Stopwatch implements TrainListener {
    private final Progress progress;
    private long begin;
    private long end;
    private int steps = -1;

    Stopwatch(Progress progress) {
      this.progress = progress;
    }

    @Override
    public void onStep(int epoch, int step, int stepsPerEpoch, double loss, double accuracySoFar) {
      progress.check();
      steps++;
      end = nanos.getAsLong();
      if (steps == 0) {
        begin = end;
      } else if (steps >= FEWEST_STEPS && seconds(begin) > SECONDS) {
        throw new Enough();
      }
    }

    double rate() {
      return steps > 0 ? steps / ((end - begin) * NANOS) : 0;
    }
  }

  /** Ends a training of which enough was seen. */
  private static final class Enough extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Enough() {
      super("enough", null, false, false);
    }
  }
}
