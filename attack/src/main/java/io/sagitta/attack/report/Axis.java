package io.sagitta.attack.report;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.DoubleStream;

/**
 * An axis of a {@link LineChart}.
 *
 * @param title what it measures, with the unit
 * @param base of the powers it is marked at; 0 for an axis that is not logarithmic
 * @param from what it shows at least, with {@code to}; NaN for no more than the lines need
 * @param floor what lies below is drawn here; NaN for nowhere
 */
public record Axis(String title, int base, double from, double to, double floor) {
  private static final int MOST_MARKS = 7;
  private static final int MOST_DOUBLINGS = 9;

  /** Room beyond the outermost values, as a share of what lies between. */
  private static final double MARGIN = 0.04;

  /** Room for rounding of logarithms. */
  private static final double SLACK = 1e-9;

  /** An axis with equal steps. */
  public static Axis linear(String title) {
    return new Axis(title, 0, Double.NaN, Double.NaN, Double.NaN);
  }

  /** A logarithmic axis, marked at powers of ten. */
  public static Axis log(String title) {
    return new Axis(title, 10, Double.NaN, Double.NaN, Double.NaN);
  }

  /** A logarithmic axis, marked at powers of two. */
  public static Axis doubling(String title) {
    return new Axis(title, 2, Double.NaN, Double.NaN, Double.NaN);
  }

  /** The same, showing at least this range. */
  public Axis between(double least, double greatest) {
    return new Axis(title, base, least, greatest, floor);
  }

  /** The same, with what is less drawn at this value. */
  public Axis notBelow(double least) {
    return new Axis(title, base, from, to, least);
  }

  boolean isLog() {
    return base != 0;
  }

  /** Where a value stands: itself or its logarithm. */
  double place(double value) {
    double shown = value < floor ? floor : value;
    return isLog() ? Math.log(shown) / Math.log(base) : shown;
  }

  /**
   * The scale on which all these places are seen.
   *
   * @param places finite
   */
  Scale scale(DoubleStream places) {
    DoubleStream ends = DoubleStream.of(from, to).filter(end -> !Double.isNaN(end));
    double[] all = DoubleStream.concat(places, ends.map(this::place)).sorted().toArray();
    double low = all.length == 0 ? 0 : all[0];
    double high = all.length == 0 ? 1 : all[all.length - 1];
    if (isLog()) {
      double first = Math.floor(low + SLACK);
      double last = Math.max(first + 1, Math.ceil(high - SLACK));
      return base == 10
          ? Scale.decades(first, last, MOST_MARKS, Scale::power)
          : doublings((int) first, (int) last);
    }
    double margin = high > low ? MARGIN * (high - low) : Math.max(1e-3, Math.abs(high) / 10);
    return Scale.linear(low - margin, high + margin, MOST_MARKS);
  }

  private static Scale doublings(int first, int last) {
    List<Scale.Mark> marks = new ArrayList<>();
    int every = (last - first) / MOST_DOUBLINGS + 1;
    for (int power = first; power <= last; power++) {
      boolean said = (power - first) % every == 0;
      String words = power < 0 ? "1/" + (1L << -power) : Long.toString(1L << power);
      marks.add(new Scale.Mark(power, said ? words : ""));
    }
    return new Scale(first - MARGIN, last + MARGIN, marks);
  }
}
