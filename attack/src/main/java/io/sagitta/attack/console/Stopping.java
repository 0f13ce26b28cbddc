package io.sagitta.attack.console;

import io.sagitta.attack.run.Progress;
import java.util.List;
import java.util.Map;

/** Tells several listeners, and ends the work where the user has asked to. */
final class Stopping implements Progress {
  private final List<Progress> listeners;
  private final Runnable stopCheck;

  Stopping(List<Progress> listeners, Runnable stopCheck) {
    this.listeners = listeners;
    this.stopCheck = stopCheck;
  }

  @Override
  public void begin(String step, int pending, int done) {
    listeners.forEach(listener -> listener.begin(step, pending, done));
  }

  @Override
  public void note(String message, Map<String, Object> figures) {
    listeners.forEach(listener -> listener.note(message, figures));
  }

  @Override
  public void check() {
    stopCheck.run();
  }

  @Override
  public void model(int model) {
    stopCheck.run();
    listeners.forEach(listener -> listener.model(model));
  }

  @Override
  public void update(double fraction, Map<String, Object> figures) {
    stopCheck.run();
    listeners.forEach(listener -> listener.update(fraction, figures));
  }

  @Override
  public void end(String outcome, Map<String, Object> figures) {
    listeners.forEach(listener -> listener.end(outcome, figures));
  }

  @Override
  public void finish() {
    listeners.forEach(Progress::finish);
  }
}
