package io.sagitta.attack.report;

import java.math.BigDecimal;

/**
 * An axis of a {@link LineChart}.
 *
 * @param title what it measures, with the unit
 * @param base of the powers it is marked at; 0 for an axis that is not logarithmic
 * @param from what it shows at least, with {@code to}; NaN for no more than the lines need
 * @param floor what lies below is drawn here; NaN for nowhere
 */
public record Axis(String title, int base, double from, double to, double floor) {
  private static final int PLAIN_POWERS = 3;

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

  /** The words of a power. */
  String mark(int power) {
    if (base == 10) {
      return Math.abs(power) > PLAIN_POWERS
          ? "1e" + power
          : BigDecimal.ONE.scaleByPowerOfTen(power).toPlainString();
    }
    return power < 0 ? "1/" + (1L << -power) : Long.toString(1L << power);
  }
}
