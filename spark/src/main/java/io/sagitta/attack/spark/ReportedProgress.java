package io.sagitta.attack.spark;

import io.sagitta.attack.run.Progress;
import io.sagitta.attack.run.StoppedException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.BooleanSupplier;

/** An executor's side of progress: reports now and then, and stops a task that is killed. */
final class ReportedProgress implements Progress {
  private static final long NANOS_BETWEEN = 500_000_000L;

  private final ModelReports reports;
  private final BooleanSupplier killed;
  private final String site = TaskSite.host();
  private ModelReport last;
  private long written;

  ReportedProgress(ModelReports reports, int model, BooleanSupplier killed) {
    this.reports = reports;
    this.killed = killed;
    this.last = new ModelReport(model, 0, null, Map.of());
  }

  /** The last thing heard. */
  ModelReport last() {
    return last;
  }

  @Override
  public void model(int model) {
    report(0, null, Map.of());
    write();
  }

  @Override
  public void check() {
    if (killed.getAsBoolean()) {
      throw new StoppedException("stopped by Spark; what is done is kept");
    }
  }

  @Override
  public void update(double fraction, Map<String, Object> figures) {
    check();
    report(fraction, null, figures);
    if (System.nanoTime() - written > NANOS_BETWEEN) {
      write();
    }
  }

  @Override
  public void end(String outcome, Map<String, Object> figures) {
    report(1, outcome, figures);
    write();
  }

  private void report(double fraction, String outcome, Map<String, Object> figures) {
    Map<String, Object> more = new LinkedHashMap<>(figures);
    more.put("machine", site);
    last = new ModelReport(last.model(), fraction, outcome, more);
  }

  private void write() {
    reports.write(last);
    written = System.nanoTime();
  }
}
