package io.sagitta.kernels.host;

/**
 * GELU, y = x·Φ(x) with Φ the distribution function of the standard normal and φ its density, in
 * double: the results are rounded once.
 */
final class Gelu {
  /**
   * R(z) = Φ(−z)·exp(z²/2) as a polynomial in t = 1/(1 + 0.3·z), the constant first; fitted by least
   * squares, reweighted until the greatest relative error on 0 ≤ z ≤ 15, 3.1e-9, was least. Beyond,
   * exp(−z²/2) is no float.
   */
  private static final double[] RATIO = {
    5.073037419141136e-07, 0.11967485878459125, 0.11969095026165893, 0.10955270973132468,
    0.08085868548324583, 0.09025797952605177, -0.06997523288986393, 0.1817444481036743,
    -0.22142449710567497, 0.10979196650180556, -0.020172377250385877
  };

  private static final double SCALE = 0.3;

  /** 1/√(2π). */
  private static final double DENSITY = 0.3989422804014327;

  /** Up to this |o| the series is summed; beyond, differences lose nothing to speak of. */
  private static final double NEAR = 0.5;

  /** Terms of the series: the rest is below 1e-9 of the sum for |o| ≤ 1/2 where φ is not tiny. */
  private static final int TERMS = 12;

  /** No float is as small as the density beyond. */
  private static final double FAR = 15;

  private Gelu() {}

  static double value(double x) {
    return x * cdf(x, bell(x));
  }

  static double slope(double x) {
    double bell = bell(x);
    return cdf(x, bell) + x * DENSITY * bell;
  }

  static double bend(double x) {
    return (2 - x * x) * DENSITY * bell(x);
  }

  private static double bell(double x) {
    return Math.exp(-0.5 * x * x);
  }

  private static double cdf(double x) {
    return cdf(x, bell(x));
  }

  private static double cdf(double x, double bell) {
    double t = 1 / (1 + SCALE * Math.abs(x));
    double ratio = RATIO[RATIO.length - 1];
    for (int i = RATIO.length - 2; i >= 0; i--) {
      ratio = ratio * t + RATIO[i];
    }
    double tail = bell * ratio;
    return x < 0 ? tail : 1 - tail;
  }

  /**
   * Central differences. With c = s + e/2 and the changes of Φ about c, P = (Φ(c + o) − Φ(c − o))/2
   * and Q = Φ(c + o) + Φ(c − o) − 2Φ(c), the product rule gives o′ = cP + o(Φ(c) + Q/2) and e′ = cQ +
   * 2oP + 2(s·(Φ(c) − Φ(s)) + e/2·Φ(c)), where Φ(c) − Φ(s) is twice the P of half the way between.
   *
   * @param o receives o′
   * @param e receives e′
   */
  static void stencil(
      float[] s, float[] o, float[] e, float[] above, float[] below, int n) {
    for (int i = 0; i < n; i++) {
      double shift = 0.5 * e[i];
      double c = s[i] + shift;
      double odd = o[i];
      double at = cdf(c);
      double p = oddChange(c, odd);
      double q = evenChange(c, odd, at);
      double moved = shift == 0 ? 0 : 2 * oddChange(s[i] + 0.5 * shift, 0.5 * shift);
      o[i] = (float) (c * p + odd * (at + 0.5 * q));
      e[i] = (float) (c * q + 2 * odd * p + 2 * (s[i] * moved + shift * at));
    }
  }

  /**
   * (Φ(c + o) − Φ(c − o))/2: the integral of φ(c + t) = φ(c)·Σ Heₙ(c)(−t)ⁿ/n!, Heₙ Hermite's
   * polynomials, over even n. The terms a = Heₙ(c)·oⁿ/n! follow from a′ = (c·o·a − o²·a″)/n.
   */
  private static double oddChange(double c, double o) {
    if (Math.abs(o) > NEAR) {
      return 0.5 * (cdf(c + o) - cdf(c - o));
    }
    return sum(c, o, 0);
  }

  /** Φ(c + o) + Φ(c − o) − 2Φ(c): minus twice the integral over odd n. */
  private static double evenChange(double c, double o, double at) {
    if (Math.abs(o) > NEAR) {
      return cdf(c + o) - at + (cdf(c - o) - at);
    }
    return -2 * sum(c, o, 1);
  }

  private static double sum(double c, double o, int first) {
    double bounded = c > FAR ? FAR : c < -FAR ? -FAR : c;
    double before = 0;
    double term = 1;
    double sum = 0;
    for (int n = 0; n < TERMS; n++) {
      sum += (n & 1) == first ? term / (n + 1) : 0;
      double next = (bounded * o * term - o * o * before) / (n + 1);
      before = term;
      term = next;
    }
    return DENSITY * bell(bounded) * o * sum;
  }
}
