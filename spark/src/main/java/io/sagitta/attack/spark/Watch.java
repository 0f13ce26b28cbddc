package io.sagitta.attack.spark;

import io.sagitta.attack.run.Progress;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Passes what executors report of their models on as progress. */
final class Watch implements AutoCloseable {
  private final ModelReports reports;
  private final Progress progress;
  private final Set<Integer> pending;
  private final Map<Integer, ModelReport> passed = new HashMap<>();
  private final Map<Integer, Lane> speaking = new HashMap<>();
  private final Deque<Lane> silent = new ArrayDeque<>();

  Watch(ModelReports reports, List<Integer> models, Progress progress) {
    this.reports = reports;
    this.pending = new LinkedHashSet<>(models);
    this.progress = progress;
  }

  /** Looks once; throws what the listener throws, so that the work can be stopped. */
  void look() {
    progress.check();
    for (int model : List.copyOf(pending)) {
      ModelReport report = reports.read(model);
      if (report != null) {
        pass(report);
      }
    }
  }

  /** Passes one report on. */
  void pass(ModelReport report) {
    int model = report.model();
    if (!pending.contains(model) || report.equals(passed.put(model, report))) {
      return;
    }
    Lane lane = speaking.get(model);
    if (lane == null) {
      lane = silent.isEmpty() ? new Lane() : silent.pop();
      speaking.put(model, lane);
      lane.say(() -> progress.model(model));
    }
    if (report.outcome() == null) {
      lane.say(() -> progress.update(report.fraction(), report.figures()));
    } else {
      lane.say(() -> progress.end(report.outcome(), report.figures()));
      pending.remove(model);
      silent.push(speaking.remove(model));
    }
  }

  @Override
  public void close() {
    speaking.values().forEach(Lane::close);
    silent.forEach(Lane::close);
  }
}
