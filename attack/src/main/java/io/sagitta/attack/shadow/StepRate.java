package io.sagitta.attack.shadow;

import io.sagitta.attack.run.Progress;
import io.sagitta.attack.work.Workers;
import io.sagitta.kernels.MemoryUse;
import io.sagitta.nn.train.DivergedException;
import io.sagitta.nn.train.TrainListener;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.DoubleAdder;
import java.util.function.LongSupplier;

/** Measures how many steps a second trainings take; what is trained is thrown away. */
final class StepRate {
  private static final double SECONDS = 0.8;
  private static final int FEWEST_STEPS = 3;
  private static final double NANOS = 1e-9;

  private final Workers workers;
  private final Progress progress;
  private final Trial.Training training;
  private final LongSupplier nanos;
  private final AtomicLong peakBytes = new AtomicLong();
  private final AtomicLong freeBytes = new AtomicLong(Long.MAX_VALUE);

  StepRate(Workers workers, Progress progress, Trial.Training training, LongSupplier nanos) {
    this.workers = workers;
    this.progress = progress;
    this.training = training;
    this.nanos = nanos;
  }

  /** Steps a second of the first so many models, at the same time. */
  double of(List<Integer> models, int count) {
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
          MemoryUse use = backend.memoryUse();
          freeBytes.accumulateAndGet(use.totalBytes() - use.usedBytes(), Math::min);
          sum.add(stopwatch.rate());
        });
    return sum.sum();
  }

  /** The most bytes of tensors that one model has had. */
  long peakBytes() {
    return Math.max(1, peakBytes.get());
  }

  /** What was left of the memory at the end of trainings, when it was least. */
  long freeBytes() {
    return freeBytes.get();
  }

  /** Seconds since a time of the clock. */
  double seconds(long start) {
    return (nanos.getAsLong() - start) * NANOS;
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
