package io.sagitta.bench;

import io.sagitta.attack.run.Progress;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.LongSupplier;

/**
 * Counts the steps that models take which are trained at the same time, and how long they take while
 * all workers are at work: from when each has done a step until the first finds no other model.
 */
final class ShadowMeter implements Progress {
  private static final double NANOS = 1e-9;

  private final int models;
  private final int workers;
  private final LongSupplier nanos;
  private final Set<Thread> busy = new HashSet<>();
  private int begun;
  private long steps;
  private long steadySteps;
  private long begin;
  private long end;
  private boolean isSteady;

  /**
   * @param models that are trained
   * @param workers that train them at the same time
   */
  ShadowMeter(int models, int workers, LongSupplier nanos) {
    this.models = models;
    this.workers = workers;
    this.nanos = nanos;
  }

  @Override
  public void model(int model) {
    begun++;
  }

  @Override
  public void update(double fraction, Map<String, Object> figures) {
    steps++;
    if (isSteady) {
      steadySteps++;
      end = nanos.getAsLong();
    } else if (steadySteps == 0 && busy.add(Thread.currentThread()) && busy.size() == workers) {
      isSteady = true;
      begin = nanos.getAsLong();
    }
  }

  @Override
  public void end(String outcome, Map<String, Object> figures) {
    if (isSteady) {
      end = nanos.getAsLong();
      isSteady = begun < models;
    }
  }

  /** All steps. */
  long steps() {
    return steps;
  }

  /**
   * Steps a second while all workers are at work.
   *
   * @throws IllegalStateException if that was never so for two steps
   */
  double steadyRate() {
    if (steadySteps == 0) {
      throw new IllegalStateException(
          "shadow rate: expected " + workers + " workers at work at once, each with a step done, got "
              + busy.size() + " before the models ended; more epochs or images are needed");
    }
    return steadySteps / ((end - begin) * NANOS);
  }
}
