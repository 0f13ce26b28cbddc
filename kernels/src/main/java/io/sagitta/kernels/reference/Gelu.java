package io.sagitta.kernels.reference;

/** GELU, y = x·Φ(x), Φ the distribution function of the standard normal and φ its density. */
final class Gelu {
  private static final double DENSITY = 1 / Math.sqrt(2 * Math.PI);

  /** From here on the continued fraction converges faster than the series. */
  private static final double FAR = 4;

  /** Panels of Simpson's rule: an error below 1e-8 of the integral over a step of 4. */
  private static final int PANELS = 256;

  private Gelu() {}

  static double value(double x) {
    return x * cdf(x);
  }

  static double slope(double x) {
    return cdf(x) + x * density(x);
  }

  static double bend(double x) {
    return (2 - x * x) * density(x);
  }

  private static double density(double x) {
    return DENSITY * Math.exp(-x * x / 2);
  }

  /**
   * Φ(x) = 1/2 + φ(x)·(x + x³/3 + x⁵/(3·5) + …), all terms of one sign; in the tails by Laplace's
   * continued fraction Φ(−z) = φ(z)/(z + 1/(z + 2/(z + 3/…))).
   */
  private static double cdf(double x) {
    double z = Math.abs(x);
    if (!(z > FAR)) {
      double sum = 0;
      double term = x;
      for (int n = 1; Math.abs(term) > 1e-17 * Math.abs(sum); n += 2) {
        sum += term;
        term *= x * x / (n + 2);
      }
      return 0.5 + density(x) * sum;
    }
    double fraction = z;
    for (int k = 100; k >= 1; k--) {
      fraction = z + k / fraction;
    }
    double tail = density(z) / fraction;
    return x < 0 ? tail : 1 - tail;
  }

  /**
   * Central differences. With c = s + e/2 and the changes of Φ about c, P = (Φ(c + o) − Φ(c − o))/2
   * and Q = Φ(c + o) + Φ(c − o) − 2Φ(c), the product rule gives o′ = cP + o(Φ(c) + Q/2) and e′ = cQ +
   * 2oP + 2(s·(Φ(c) − Φ(s)) + e/2·Φ(c)); the changes are integrals, so that nothing cancels.
   */
  static void stencil(
      ReferenceBuffer s, ReferenceBuffer odd, ReferenceBuffer even, ReferenceBuffer oddY,
      ReferenceBuffer evenY) {
    for (long i = 0; i < s.elements(); i++) {
      double base = s.get(i);
      double o = odd.get(i);
      double shift = even == null ? 0 : even.get(i) / 2;
      double c = base + shift;
      double p = oddChange(c, o);
      double q = evenChange(c, o);
      double moved = 2 * oddChange(base + shift / 2, shift / 2);
      oddY.set(i, c * p + o * (cdf(c) + q / 2));
      evenY.set(i, c * q + 2 * o * p + 2 * (base * moved + shift * cdf(c)));
    }
  }

  /** Half the integral of φ(c + t) + φ(c − t) over t from 0 to o. */
  private static double oddChange(double c, double o) {
    return integral(c, o, 1) / 2;
  }

  /** The integral of φ(c + t) − φ(c − t) over t from 0 to o. */
  private static double evenChange(double c, double o) {
    return -Math.signum(c) * Math.signum(o) * integral(c, o, -1);
  }

  /** φ(|c| − t) ± φ(|c| + t) over t from 0 to o by Simpson's rule. */
  private static double integral(double c, double o, int sign) {
    double sum = 0;
    for (int i = 0; i <= PANELS; i++) {
      double t = Math.abs(o) * i / PANELS;
      double below = density(Math.abs(c) - t);
      double ratio = -2 * Math.abs(c) * t;
      double both = below * (sign > 0 ? 1 + Math.exp(ratio) : -Math.expm1(ratio));
      sum += (i == 0 || i == PANELS ? 1 : i % 2 == 0 ? 2 : 4) * both;
    }
    return sum * o / (3 * PANELS);
  }
}
