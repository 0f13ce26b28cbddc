package io.sagitta.bench;

import io.sagitta.attack.run.Progress;
import java.util.HashMap;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * Times the steps of models that are trained at the same time, a worker's by its thread: how long they
 * take within a model, and how long it takes from the last step of one model to the first of the next.
 */
final class ShadowMeter implements Progress {
  private static final double NANOS = 1e-9;

  private final LongSupplier nanos;
  private final Map<Thread, Worker> workers = new HashMap<>();

  /** What one worker did. */
  private static final class Worker {
    private boolean isWithin;
    private long last;
    private long steps;
    private long within;
    private long changes;
    private long between;
  }

  ShadowMeter(LongSupplier nanos) {
    this.nanos = nanos;
  }

  @Override
  public void update(double fraction, Map<String, Object> figures) {
    Worker worker = workers.computeIfAbsent(Thread.currentThread(), thread -> new Worker());
    long now = nanos.getAsLong();
    if (worker.isWithin) {
      worker.steps++;
      worker.within += now - worker.last;
    } else if (worker.last != 0) {
      worker.changes++;
      worker.between += now - worker.last;
    }
    worker.isWithin = true;
    worker.last = now;
  }

  @Override
  public void end(String outcome, Map<String, Object> figures) {
    Worker worker = workers.get(Thread.currentThread());
    if (worker != null) {
      worker.isWithin = false;
    }
  }

  /**
   * Steps a second of all workers together, within models.
   *
   * @param count the workers
   * @throws IllegalStateException if one of them did not do two steps of a model
   */
  double rate(int count) {
    if (workers.size() < count || workers.values().stream().anyMatch(w -> w.steps == 0)) {
      throw new IllegalStateException(
          "shadow rate: expected " + count + " workers with two steps of a model each, got "
              + workers.values().stream().filter(w -> w.steps > 0).count()
              + "; more epochs or images are needed");
    }
    return workers.values().stream().mapToDouble(w -> w.steps / (w.within * NANOS)).sum();
  }

  /**
   * Mean seconds from a model's last step to the next one's first.
   *
   * @throws IllegalStateException if no worker had two models
   */
  double change() {
    long changes = workers.values().stream().mapToLong(w -> w.changes).sum();
    if (changes == 0) {
      throw new IllegalStateException(
          "shadow rate: expected a worker with two models, got none; more models are needed");
    }
    return workers.values().stream().mapToLong(w -> w.between).sum() * NANOS / changes;
  }
}
