package io.sagitta.attack.shadow;

import io.sagitta.attack.run.Progress;
import io.sagitta.attack.work.Workers;
import io.sagitta.kernels.Backend;
import io.sagitta.kernels.Devices;
import io.sagitta.kernels.SharedCores;
import io.sagitta.nn.train.TrainListener;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * Finds out how many models a device trains fastest at the same time, by a few steps of the real
 * trainings. On the host it is one after the other on all cores or one a core, tried in turn; a GPU
 * is given twice as many as long as that is worth it. The best round of each counts.
 */
final class Trial {
  /** A training that goes on until the listener throws, or to its end, and leaves nothing. */
  interface Training {
    void run(int model, Backend backend, TrainListener listener);
  }

  private static final int ROUNDS = 3;

  /** Where steps are long, one round says enough. */
  private static final double PATIENCE = 30;

  /** Less work than so many steps is not worth a trial. */
  private static final long WORTHWHILE_STEPS = 1000;

  /** Less work than so long is not worth the trial of a GPU, which takes some 20 s. */
  private static final double WORTHWHILE_SECONDS = 120;

  private static final int MOST_ON_A_GPU = 8;

  /** What twice as many models on a GPU must at least gain, for they take twice the memory. */
  private static final double GAIN = 1.03;

  /** A step's scratch memory comes on top of its tensors: half as much again is allowed for. */
  private static final double ALLOWANCE = 1.5;

  /** Of the kernels and libraries of one more backend on a GPU. */
  private static final long BACKEND_BYTES = 256L << 20;

  private final Workers workers;
  private final Progress progress;
  private final LongSupplier nanos;
  private final long hostBytes;
  private final StepRate rate;

  /**
   * @param progress may throw to stop, and hears what was found out
   */
  Trial(Workers workers, Progress progress, Training training) {
    this(workers, progress, training, System::nanoTime, Devices.hostBytes());
  }

  /** The same by another clock, on a host with this much memory. */
  Trial(
      Workers workers, Progress progress, Training training, LongSupplier nanos, long hostBytes) {
    this.workers = workers;
    this.progress = progress;
    this.nanos = nanos;
    this.hostBytes = hostBytes;
    this.rate = new StepRate(workers, progress, training, nanos);
  }

  /**
   * How many of the models to train at the same time.
   *
   * @param steps that all of them take
   */
  int choose(List<Integer> models, long steps) {
    if (models.size() == 1 || steps < WORTHWHILE_STEPS || !workers.isShareable()) {
      return 1;
    }
    return workers.isHost() ? onHost(models) : onGpu(models, steps);
  }

  private int onHost(List<Integer> models) {
    int most = Math.min(SharedCores.cores(), models.size());
    if (most == 1) {
      return 1;
    }
    rate.of(models, 1);
    int together = (int) Math.min(most, hostBytes / (ALLOWANCE * rate.peakBytes()));
    if (together <= 1) {
      return roomForOne();
    }
    rate.of(models, together);
    double alone = 0;
    double shared = 0;
    long start = nanos.getAsLong();
    for (int round = 0; isWanted(round, start); round++) {
      alone = Math.max(alone, rate.of(models, 1));
      shared = Math.max(shared, rate.of(models, together));
    }
    return tell(shared > alone ? together : 1, alone, shared);
  }

  /** The first model alone finds kernels not yet chosen, so that no other is kept from work. */
  private int onGpu(List<Integer> models, long steps) {
    double alone = best(models, 1);
    if (steps < alone * WORTHWHILE_SECONDS) {
      return 1;
    }
    int most = Math.min(MOST_ON_A_GPU, models.size());
    int chosen = 1;
    double fastest = alone;
    double shared = Double.NaN;
    while (2 * chosen <= most && hasRoomFor(chosen)) {
      double twice = best(models, 2 * chosen);
      shared = Double.isNaN(shared) ? twice : Math.max(shared, twice);
      if (!(twice > GAIN * fastest)) {
        break;
      }
      chosen *= 2;
      fastest = twice;
    }
    return Double.isNaN(shared) ? roomForOne() : tell(chosen, alone, shared);
  }

  /** Whether as many models more fit into the device's memory. */
  private boolean hasRoomFor(int models) {
    return models * (ALLOWANCE * rate.peakBytes() + BACKEND_BYTES) <= rate.freeBytes();
  }

  /** The rate of so many models at the same time, once they have found their kernels and memory. */
  private double best(List<Integer> models, int count) {
    rate.of(models, count);
    double best = 0;
    long start = nanos.getAsLong();
    for (int round = 0; isWanted(round, start); round++) {
      best = Math.max(best, rate.of(models, count));
    }
    return best;
  }

  private boolean isWanted(int round, long start) {
    return round == 0 || round < ROUNDS && rate.seconds(start) < PATIENCE;
  }

  private int roomForOne() {
    note(1, Double.NaN, Double.NaN, "one model at a time, since memory has room for one");
    return 1;
  }

  private int tell(int chosen, double alone, double together) {
    String way = chosen == 1 ? "one model at a time" : chosen + " models at once";
    note(
        chosen, alone, together,
        String.format(
            Locale.ROOT,
            "%s: measured %.1f steps/s together, %.1f one model after the other", way, together,
            alone));
    return chosen;
  }

  private void note(int chosen, double alone, double together, String message) {
    Map<String, Object> figures = new LinkedHashMap<>();
    figures.put("at_once", chosen);
    figures.put("steps_per_second_together", together);
    figures.put("steps_per_second_alone", alone);
    progress.note(message, figures);
  }
}
