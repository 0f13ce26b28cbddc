package io.sagitta.kernels;

/**
 * How far a computed number may lie from the true one: {@code |actual − expected| ≤ absolute +
 * relative·scale}. The scale is |expected|, or, for a sum, the sum of its terms' magnitudes, since
 * that is what rounding errors are proportional to. The relative part grows with the square root of
 * the number of terms, as independent rounding errors do.
 */
public final class Tolerance {
  /** Rounding units of 2^−24 or 2^−53 that one elementwise kernel may spend. */
  private static final double UNITS = 8;

  private final double relative;
  private final double absolute;
  private final String reason;

  private Tolerance(double relative, double absolute, String reason) {
    this.relative = relative;
    this.absolute = absolute;
    this.reason = reason;
  }

  /** Of an elementwise kernel that computes in {@code type}, whose least normal number may be 0. */
  public static Tolerance of(DType type) {
    return switch (type) {
      case BF16 -> new Tolerance(0x1.01p-8, Float.MIN_NORMAL, "rounded once to BF16");
      case F32 -> new Tolerance(UNITS * 0x1p-24, Float.MIN_NORMAL, "elementwise F32");
      case F64 -> new Tolerance(UNITS * 0x1p-53, Double.MIN_NORMAL, "elementwise F64");
      case I32 -> exact("indices");
    };
  }

  /**
   * How far a product or convolution in this precision may lie from the true one, as a share of its
   * norm: what is lost when operands are rounded, with room for sums of thousands of terms.
   */
  public static double ofProducts(Precision precision) {
    return switch (precision) {
      case FP32, TF32X3 -> 1e-5; // 2^-24 and about 2^-22 a product
      case TF32 -> 1e-3; // 2^-12 an operand
      case BF16 -> 1e-2; // 2^-9 an operand
    };
  }

  /** Of something that must come out bit for bit (the sign of zero apart). */
  public static Tolerance exact(String reason) {
    return new Tolerance(0, 0, "exact: " + reason);
  }

  /** The same for a sum of {@code terms} numbers. */
  public Tolerance summing(long terms) {
    double growth = Math.sqrt(Math.max(1, terms));
    return new Tolerance(relative * growth, absolute, reason + ", sum of " + terms);
  }

  /**
   * Another allowance.
   *
   * @param why what makes the standard one wrong here
   */
  public static Tolerance override(double relative, double absolute, String why) {
    if (why.isBlank()) {
      throw new IllegalArgumentException("tolerance: an override carries its reason");
    }
    return new Tolerance(relative, absolute, why);
  }

  /** Fails unless every number is as near its expected value as its own size allows. */
  public void check(String what, double[] actual, double[] expected) {
    check(what, actual, expected, expected);
  }

  /**
   * Fails unless every number is near enough.
   *
   * @param scale of each element; its sign is ignored
   */
  public void check(String what, double[] actual, double[] expected, double[] scale) {
    if (actual.length != expected.length || scale.length != expected.length) {
      throw new AssertionError(
          what + ": expected " + expected.length + " numbers and as many scales, got "
              + actual.length + " and " + scale.length);
    }
    int worst = -1;
    double worstShare = 1;
    int beyond = 0;
    for (int i = 0; i < expected.length; i++) {
      double share = share(actual[i], expected[i], scale[i]);
      if (share > 1) {
        beyond++;
      }
      if (share > worstShare) {
        worst = i;
        worstShare = share;
      }
    }
    if (worst >= 0) {
      throw new AssertionError(
          what + ": worst at " + worst + " of " + expected.length + ": expected "
              + expected[worst] + ", got " + actual[worst] + ", "
              + String.format("%.3g", worstShare) + " times the budget of "
              + budget(scale[worst]) + " (" + reason + "); " + beyond + " beyond it");
    }
  }

  /** Fails unless ‖actual − expected‖₂ ≤ {@code limit}·‖expected‖₂. */
  public static void checkNorm(String what, double[] actual, double[] expected, double limit) {
    checkDistance(what, actual, expected, limit * norm(expected));
  }

  /**
   * Fails unless ‖actual − expected‖₂ ≤ {@code limit}·(1 + ‖expected‖₂): for results of order one
   * that may be zero.
   */
  public static void checkNear(String what, double[] actual, double[] expected, double limit) {
    checkDistance(what, actual, expected, limit * (1 + norm(expected)));
  }

  /** The same for two numbers. */
  public static void checkNear(String what, double actual, double expected, double limit) {
    checkNear(what, new double[] {actual}, new double[] {expected}, limit);
  }

  private static double norm(double[] values) {
    double squares = 0;
    for (double value : values) {
      squares += value * value;
    }
    return Math.sqrt(squares);
  }

  private static void checkDistance(
      String what, double[] actual, double[] expected, double budget) {
    if (actual.length != expected.length) {
      throw new AssertionError(
          what + ": expected " + expected.length + " numbers, got " + actual.length);
    }
    double error = 0;
    int worst = 0;
    for (int i = 0; i < expected.length; i++) {
      double difference = Math.abs(actual[i] - expected[i]);
      error += difference * difference;
      worst = difference > Math.abs(actual[worst] - expected[worst]) ? i : worst;
    }
    if (!(Math.sqrt(error) <= budget)) {
      throw new AssertionError(
          what + ": the error's norm is " + Math.sqrt(error) + ", "
              + String.format("%.3g", Math.sqrt(error) / budget) + " times the budget of " + budget
              + "; worst at " + worst + ": expected " + expected[worst] + ", got "
              + actual[worst]);
    }
  }

  /** The part of the budget that an error uses up; infinite for a wrong NaN or infinity. */
  private double share(double actual, double expected, double scale) {
    if (actual == expected || (Double.isNaN(actual) && Double.isNaN(expected))) {
      return 0;
    }
    double error = Math.abs(actual - expected);
    double budget = budget(scale);
    boolean comparable = Double.isFinite(error) && budget > 0 && Double.isFinite(budget);
    return comparable ? error / budget : Double.POSITIVE_INFINITY;
  }

  private double budget(double scale) {
    return absolute + relative * Math.abs(scale);
  }
}
