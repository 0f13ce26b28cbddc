package io.sagitta.attack.console;

import io.sagitta.attack.run.Progress;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;

/**
 * Keeps count of a step's models and time, and words both; what it shows is for subclasses. Each
 * thread that calls has a model of its own. What an earlier call did of a model is not this one's
 * pace: it is what the first two updates leave over, which are taken for equal steps. Nor is what
 * goes before the first model, such as trials of how many to train at once.
 */
abstract class Pace implements Progress {
  private static final double NANOS = 1e-9;
  private static final double SECONDS_PER_HOUR = 3600;

  /** Of several models at once, so many are shown by their figures. */
  private static final int SHOWN = 4;
  private static final double GIGABYTE = 1e9;
  private static final String BYTES = "_bytes";
  private static final String RATE = "_per_second";

  /** What one thread works on. */
  private static final class Work {
    private int model;
    private int updates;
    private double fraction;
    private double found;
    private long start;
    private long lastShown;
    private boolean active = true;
    private Map<String, Object> figures = Map.of();
  }

  private final LongSupplier nanos;
  private final Map<Thread, Work> works = new HashMap<>();
  private String step;
  private int pending;
  private int ended;
  private double found;
  private long stepStart;
  private long lastShown;

  Pace(LongSupplier nanos) {
    this.nanos = nanos;
  }

  @Override
  public void begin(String name, int pendingModels, int done) {
    step = name;
    pending = pendingModels;
    ended = 0;
    found = 0;
    works.clear();
    stepStart = nanos.getAsLong();
    lastShown = stepStart;
  }

  @Override
  public void model(int index) {
    Work work = new Work();
    work.model = index;
    work.start = nanos.getAsLong();
    work.lastShown = work.start;
    if (works.isEmpty()) {
      stepStart = work.start;
      lastShown = work.start;
    }
    works.put(Thread.currentThread(), work);
  }

  @Override
  public void update(double workDone, Map<String, Object> figures) {
    Work work = work();
    if (++work.updates == 2) {
      work.found = Math.max(0, 2 * work.fraction - workDone);
      found += work.found;
    }
    work.fraction = workDone;
    work.figures = figures;
  }

  @Override
  public void end(String outcome, Map<String, Object> figures) {
    ended++;
    work().fraction = 0;
    work().active = false;
  }

  /** The calling thread's. */
  private Work work() {
    return works.computeIfAbsent(Thread.currentThread(), thread -> new Work());
  }

  final String step() {
    return step;
  }

  final int modelIndex() {
    return work().model;
  }

  final int pending() {
    return pending;
  }

  /** Models done, the current ones by their fractions. */
  final double worked() {
    return ended + works.values().stream().mapToDouble(work -> work.fraction).sum();
  }

  /** Models that are worked on at this moment. */
  final int atOnce() {
    return (int) works.values().stream().filter(work -> work.active).count();
  }

  /** Such as {@code models 2 (epoch 3/30, loss 1.234), 3 (epoch 2/30, loss 1.456) and 6 more}. */
  final String current() {
    List<Work> active =
        works.values().stream()
            .filter(work -> work.active)
            .sorted(Comparator.comparingInt(work -> work.model))
            .toList();
    String shown =
        active.stream()
            .limit(SHOWN)
            .map(work -> work.model + " (" + words(work.figures) + ")")
            .collect(Collectors.joining(", "));
    int more = active.size() - SHOWN;
    return "models " + shown + (more > 0 ? " and " + more + " more" : "");
  }

  /** The same without what earlier calls did. */
  private double workedHere() {
    return worked() - found;
  }

  /** Models an hour at the pace so far. */
  final double modelsPerHour() {
    return workedHere() / ((nanos.getAsLong() - stepStart) * NANOS) * SECONDS_PER_HOUR;
  }

  /** The part of the step's models that is done, 0 to 1. */
  final double stepFraction() {
    return worked() / pending;
  }

  /** Such as {@code shadows 3/17: model 2}. */
  final String heading() {
    return step + " " + Math.min(ended + 1, pending) + "/" + pending + ": model " + modelIndex();
  }

  /** Such as {@code shadows, 2 of 17 done}. */
  final String overall() {
    return step + ", " + ended + " of " + pending + " done";
  }

  /** Seconds that this model has taken. */
  final double modelSeconds() {
    return (nanos.getAsLong() - work().start) * NANOS;
  }

  /** Seconds until this model is done at its pace so far; NaN while that is not known. */
  final double modelSecondsLeft() {
    Work work = work();
    double here = work.fraction - work.found;
    return here > 0 ? modelSeconds() * (1 - work.fraction) / here : Double.NaN;
  }

  /** Seconds until the step is done at its pace so far; NaN while that is not known. */
  final double stepSecondsLeft() {
    double taken = (nanos.getAsLong() - stepStart) * NANOS;
    double here = workedHere();
    return here > 0 ? taken * (pending - worked()) / here : Double.NaN;
  }

  /** Whether this much time has passed since it was last true of the calling thread's model. */
  final boolean isModelDue(double seconds) {
    long now = nanos.getAsLong();
    Work work = work();
    boolean due = (now - work.lastShown) * NANOS >= seconds;
    work.lastShown = due ? now : work.lastShown;
    return due;
  }

  /** Whether this much time has passed since it was last true. */
  final boolean isDue(double seconds) {
    long now = nanos.getAsLong();
    if ((now - lastShown) * NANOS < seconds) {
      return false;
    }
    lastShown = now;
    return true;
  }

  /**
   * Such as {@code epoch 3/30, loss 1.234, images per second 5210, memory used 3.1 GB}: bytes and
   * rates are named by the ends of their keys.
   */
  static String words(Map<String, Object> figures) {
    return figures.entrySet().stream()
        .map(figure -> words(figure.getKey(), figure.getValue()))
        .collect(Collectors.joining(", "));
  }

  private static String words(String key, Object value) {
    String name = key.replace('_', ' ');
    if (value instanceof Number bytes && key.endsWith(BYTES)) {
      return String.format(
          Locale.ROOT, "%s %.1f GB", name.substring(0, name.length() - BYTES.length()),
          bytes.doubleValue() / GIGABYTE);
    }
    if (value instanceof Double number) {
      return String.format(Locale.ROOT, key.endsWith(RATE) ? "%s %.0f" : "%s %.3f", name, number);
    }
    return name + " " + value;
  }

  /** Hours, minutes and seconds, such as {@code 1:02:03} or {@code 0:42}; {@code ?} for NaN. */
  static String clock(double seconds) {
    if (Double.isNaN(seconds)) {
      return "?";
    }
    long whole = Math.round(seconds);
    return whole >= 3600
        ? String.format("%d:%02d:%02d", whole / 3600, whole / 60 % 60, whole % 60)
        : String.format("%d:%02d", whole / 60, whole % 60);
  }
}
