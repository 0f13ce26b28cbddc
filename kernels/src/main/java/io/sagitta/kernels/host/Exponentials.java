package io.sagitta.kernels.host;

/**
 * Exponential functions of the first {@code n} elements of arrays, in place, by loops that C2
 * vectorises: some eight times as fast as {@link Math#exp} one by one. Arguments beyond ±150 count
 * as ±150, where the result is no float any more. Not numbers stay so.
 */
final class Exponentials {
  private static final double BOUND = 150;

  /** The arguments of the series are 2⁻¹⁰ of those given, so at most 0.15. */
  private static final double SHARE = 0x1p-10;

  private Exponentials() {}

  /** eˣ with a relative error below 1e-11: the series of x/2¹⁰, squared ten times. */
  static void exp(double[] x, int n) {
    scale(x, n);
    for (int i = 0; i < n; i++) {
      x[i] = Math.fma(series(x[i]), x[i], 1);
    }
    for (int i = 0; i < n; i++) {
      double y = x[i];
      y *= y;
      y *= y;
      y *= y;
      y *= y;
      y *= y;
      y *= y;
      y *= y;
      y *= y;
      y *= y;
      y *= y;
      x[i] = y;
    }
  }

  /**
   * eˣ − 1 with an error below 1e-11 of it where x is negative or small, else of eˣ: the series of
   * x/2¹⁰ without its one, and e²ʸ − 1 = (eʸ − 1)(eʸ + 1) ten times.
   */
  static void expm1(double[] x, int n) {
    scale(x, n);
    for (int i = 0; i < n; i++) {
      x[i] = series(x[i]) * x[i];
    }
    for (int i = 0; i < n; i++) {
      double y = x[i];
      y *= y + 2;
      y *= y + 2;
      y *= y + 2;
      y *= y + 2;
      y *= y + 2;
      y *= y + 2;
      y *= y + 2;
      y *= y + 2;
      y *= y + 2;
      y *= y + 2;
      x[i] = y;
    }
  }

  private static void scale(double[] x, int n) {
    for (int i = 0; i < n; i++) {
      x[i] = SHARE * Math.min(Math.max(x[i], -BOUND), BOUND);
    }
  }

  /** (eʸ − 1)/y for |y| ≤ 0.15, to y⁸/9!: what is left out is below 1e-14. */
  private static double series(double y) {
    double sum = Math.fma(y, 1.0 / 362880, 1.0 / 40320);
    sum = Math.fma(sum, y, 1.0 / 5040);
    sum = Math.fma(sum, y, 1.0 / 720);
    sum = Math.fma(sum, y, 1.0 / 120);
    sum = Math.fma(sum, y, 1.0 / 24);
    sum = Math.fma(sum, y, 1.0 / 6);
    sum = Math.fma(sum, y, 0.5);
    return Math.fma(sum, y, 1);
  }
}
