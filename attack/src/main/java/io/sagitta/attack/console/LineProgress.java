package io.sagitta.attack.console;

import java.io.PrintWriter;
import java.util.Locale;
import java.util.Map;
import java.util.function.LongSupplier;

/** Plain lines for logs: one a model, and one now and then in between. */
final class LineProgress extends Pace {
  private static final double SECONDS_BETWEEN = 10;

  private final PrintWriter err;

  LineProgress(PrintWriter err) {
    this(err, System::nanoTime);
  }

  LineProgress(PrintWriter err, LongSupplier nanos) {
    super(nanos);
    this.err = err;
  }

  @Override
  public void begin(String name, int pendingModels, int done) {
    super.begin(name, pendingModels, done);
    print(name + ": " + pendingModels + " models to do" + (done > 0 ? ", " + done + " done" : ""));
  }

  @Override
  public void update(double workDone, Map<String, Object> figures) {
    super.update(workDone, figures);
    if (isDue(SECONDS_BETWEEN)) {
      print(atOnce() > 1 ? several() : one(figures));
    }
  }

  private String one(Map<String, Object> figures) {
    return heading() + ", " + words(figures) + ", " + clock(modelSecondsLeft()) + " left, "
        + clock(stepSecondsLeft()) + " in all";
  }

  private String several() {
    return String.format(
        Locale.ROOT,
        "%s: %s, %.1f models an hour, %s left in all", overall(), current(), modelsPerHour(),
        clock(stepSecondsLeft()));
  }

  @Override
  public void note(String message, Map<String, Object> figures) {
    print(step() + ": " + message);
  }

  @Override
  public void end(String outcome, Map<String, Object> figures) {
    String line = heading() + " " + outcome;
    super.end(outcome, figures);
    print(
        line + (figures.isEmpty() ? "" : ", " + words(figures)) + ", took " + clock(modelSeconds())
            + ", " + clock(stepSecondsLeft()) + " left in all");
  }

  private void print(String line) {
    err.println(line);
    err.flush();
  }
}
