package io.sagitta.attack.console;

import java.io.PrintWriter;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/** A bar over a whole step, with the current model's figures and the time left. */
final class BarProgress extends Pace {
  /** The bar counts in these, so that it moves within a model. */
  private static final int TICKS = 1000;

  private static final double SECONDS_BETWEEN = 0.2;

  private final PrintWriter err;
  private ProgressBar bar;

  BarProgress(PrintWriter err) {
    super(System::nanoTime);
    this.err = err;
  }

  @Override
  public void begin(String name, int pendingModels, int done) {
    super.begin(name, pendingModels, done);
    if (pendingModels > 0) {
      bar =
          new ProgressBarBuilder()
              .setTaskName(name)
              .setInitialMax((long) pendingModels * TICKS)
              .setUnit(" models", TICKS)
              .setStyle(ProgressBarStyle.COLORFUL_UNICODE_BAR)
              .setUpdateIntervalMillis(250)
              .setEtaFunction(state -> left())
              .hideEta()
              .build();
    }
  }

  private Optional<Duration> left() {
    double seconds = stepSecondsLeft();
    return Double.isNaN(seconds)
        ? Optional.empty()
        : Optional.of(Duration.ofMillis((long) (seconds * 1e3)));
  }

  @Override
  public void update(double workDone, Map<String, Object> figures) {
    super.update(workDone, figures);
    if (isDue(SECONDS_BETWEEN)) {
      bar.stepTo((long) (worked() * TICKS));
      bar.setExtraMessage(atOnce() > 1 ? several() : one(figures));
    }
  }

  private String one(Map<String, Object> figures) {
    return " model " + modelIndex() + " " + words(figures) + ", " + clock(modelSecondsLeft())
        + " left, " + clock(stepSecondsLeft()) + " in all";
  }

  private String several() {
    return String.format(
        Locale.ROOT,
        " %.1f models an hour, %s left; %s", modelsPerHour(), clock(stepSecondsLeft()), current());
  }

  /** Above the bar, which is drawn again below it. */
  @Override
  public void note(String message, Map<String, Object> figures) {
    err.println("\r\u001b[K" + step() + ": " + message);
    err.flush();
  }

  @Override
  public void end(String outcome, Map<String, Object> figures) {
    super.end(outcome, figures);
    bar.stepTo((long) (worked() * TICKS));
  }

  @Override
  public void finish() {
    if (bar != null) {
      bar.close();
      bar = null;
      err.flush();
    }
  }
}
