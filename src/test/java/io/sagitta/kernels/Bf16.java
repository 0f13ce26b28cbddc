package io.sagitta.kernels;

/** bfloat16 in float64 arithmetic: eight significant bits in binary32's range. */
final class Bf16 {
  private static final int SIGNIFICANT = 8;
  private static final int LEAST_EXPONENT = -126;

  private Bf16() {}

  /** The nearest bfloat16, ties to even; what is beyond the greatest becomes infinite. */
  static double nearest(double value) {
    if (value == 0 || !Double.isFinite(value)) {
      return value;
    }
    int exponent = Math.max(Math.getExponent(value), LEAST_EXPONENT);
    double unit = Math.scalb(1.0, exponent - SIGNIFICANT + 1);
    double rounded = Math.rint(value / unit) * unit;
    return Math.abs(rounded) > Float.MAX_VALUE
        ? Math.copySign(Double.POSITIVE_INFINITY, value)
        : rounded;
  }
}
