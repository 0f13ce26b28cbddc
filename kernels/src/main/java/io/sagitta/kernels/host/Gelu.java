package io.sagitta.kernels.host;

import java.util.Arrays;

/**
 * GELU, y = x·Φ(x) with Φ the distribution function of the standard normal and φ its density, in
 * double: the results are rounded once. Loops of few operations over arrays, which C2 vectorises
 * where it would not vectorise one loop of all of them; at most {@link Stage#CHUNK} elements.
 */
final class Gelu {
  /** 1/√(2π). */
  private static final double DENSITY = 0.3989422804014327;

  /** Up to this |o| the series is summed; beyond, differences lose nothing to speak of. */
  private static final double NEAR = 0.5;

  /** No float is as small as the density beyond, so arguments count as no greater. */
  private static final double FAR = 15;

  /** Times this, no float but zero lies between 0 and 1. */
  private static final double STEEP = 1e300;

  private Gelu() {}

  /** x = x·Φ(x): the positive part of x less |x|·Φ(−|x|). */
  static void value(float[] x, int n) {
    Stage stage = Stage.get();
    double[] z = stage.doubles(0, n);
    double[] bell = stage.doubles(1, n);
    double[] tail = stage.doubles(2, n);
    bells(x, z, bell, n);
    tail(z, bell, tail, n);
    for (int i = 0; i < n; i++) {
      tail[i] *= Math.abs(z[i]);
    }
    for (int i = 0; i < n; i++) {
      x[i] = (float) (Math.max(x[i], 0f) - tail[i]);
    }
  }

  /** y = Φ(x) + x·φ(x); may be in place. */
  static void slope(float[] x, float[] y, int n) {
    Stage stage = Stage.get();
    double[] z = stage.doubles(0, n);
    double[] bell = stage.doubles(1, n);
    double[] result = stage.doubles(2, n);
    bells(x, z, bell, n);
    cdf(z, bell, result, n);
    for (int i = 0; i < n; i++) {
      result[i] = Math.fma(DENSITY * z[i], bell[i], result[i]);
    }
    Loops.narrow(result, y, n);
  }

  /** y = (2 − x²)·φ(x); may be in place. */
  static void bend(float[] x, float[] y, int n) {
    Stage stage = Stage.get();
    double[] z = stage.doubles(0, n);
    double[] result = stage.doubles(1, n);
    bells(x, z, result, n);
    for (int i = 0; i < n; i++) {
      result[i] *= DENSITY * (2 - z[i] * z[i]);
    }
    Loops.narrow(result, y, n);
  }

  /**
   * Central differences. With c = s + e/2 and the changes of Φ about c, P = (Φ(c + o) − Φ(c − o))/2
   * and Q = Φ(c + o) + Φ(c − o) − 2Φ(c), the product rule gives o′ = cP + o(Φ(c) + Q/2) and e′ = cQ +
   * 2oP + 2(s·(Φ(c) − Φ(s)) + e/2·Φ(c)), where Φ(c) − Φ(s) is twice the P of half the way between.
   *
   * @param o receives o′
   * @param e receives e′
   */
  static void stencil(float[] s, float[] o, float[] e, int n) {
    Stage stage = Stage.get();
    double[] c = stage.doubles(0, n);
    double[] odd = stage.doubles(1, n);
    double[] moved = stage.doubles(2, n);
    double[] half = stage.doubles(11, n);
    Changes changes = new Changes(stage, n);
    Loops.widen(e, odd, n);
    for (int i = 0; i < n; i++) {
      odd[i] *= 0.25;
    }
    Loops.widen(s, c, n);
    add(c, odd, n);
    changes.oddAbout(c, odd);
    for (int i = 0; i < n; i++) {
      moved[i] = 2 * (c[i] - odd[i]) * changes.p[i];
    }
    for (int i = 0; i < n; i++) {
      half[i] = 2 * odd[i];
    }
    add(c, odd, n);
    Loops.widen(o, odd, n);
    changes.about(c, odd);
    double[] result = changes.z;
    for (int i = 0; i < n; i++) {
      result[i] = c[i] * changes.p[i] + odd[i] * (changes.at[i] + 0.5 * changes.q[i]);
    }
    Loops.narrow(result, o, n);
    for (int i = 0; i < n; i++) {
      moved[i] += half[i] * changes.at[i];
    }
    for (int i = 0; i < n; i++) {
      result[i] = c[i] * changes.q[i] + 2 * (odd[i] * changes.p[i] + moved[i]);
    }
    Loops.narrow(result, e, n);
  }

  /** Φ(c), P and Q of {@link #stencil}. */
  private static final class Changes {
    final double[] at;
    final double[] p;
    final double[] q;
    private final int n;
    private final double[] z;
    private final double[] bell;
    private final double[] square;
    private final double[] first;
    private final double[] second;

    Changes(Stage stage, int n) {
      this.n = n;
      at = stage.doubles(3, n);
      p = stage.doubles(4, n);
      q = stage.doubles(5, n);
      z = stage.doubles(6, n);
      bell = stage.doubles(7, n);
      square = stage.doubles(8, n);
      first = stage.doubles(9, n);
      second = stage.doubles(10, n);
    }

    /** Makes P alone. */
    void oddAbout(double[] c, double[] o) {
      bells(c);
      changes(c, o);
    }

    void about(double[] c, double[] o) {
      cdf(c, at);
      changes(c, o);
    }

    private void changes(double[] c, double[] o) {
      double greatest = 0;
      for (int i = 0; i < n; i++) {
        double size = Math.abs(o[i]);
        if (size > greatest) { // Math.max would wait for the element before
          greatest = size;
        }
      }
      series(o, terms(greatest));
      if (greatest > NEAR) {
        far(c, o);
      }
    }

    /**
     * How many terms of the series to sum: up to this |o| the rest is below 2e-7 of P and 3e-10 of the
     * greatest Q wherever φ is above 1e-7.
     */
    private static int terms(double greatest) {
      return greatest <= 1.0 / 128 ? 4 : greatest <= 1.0 / 16 ? 6 : greatest <= 1.0 / 8 ? 8 : 12;
    }

    private void bells(double[] x) {
      bound(x, z, n);
      bell(z, bell, n);
    }

    private void cdf(double[] x, double[] result) {
      bells(x);
      Gelu.cdf(z, bell, result, n);
    }

    /**
     * P and −Q/2 are the integrals of φ(c + t) = φ(c)·Σ Heₙ(c)(−t)ⁿ/n! up to o over its even and its
     * odd n, Heₙ Hermite's polynomials. The terms a = Heₙ(c)·oⁿ/n! follow from a′ = (c·o·a −
     * o²·a″)/n. Takes z = c and leaves it multiplied by o.
     */
    private void series(double[] o, int terms) {
      for (int i = 0; i < n; i++) {
        square[i] = o[i] * o[i];
      }
      for (int i = 0; i < n; i++) {
        z[i] *= o[i];
      }
      double[] before = first;
      double[] term = second;
      Arrays.fill(before, 0, n, 0);
      Arrays.fill(term, 0, n, 1);
      Arrays.fill(p, 0, n, 1);
      Arrays.fill(q, 0, n, 0);
      for (int k = 1; k < terms; k++) {
        next(before, term, 1.0 / k);
        double[] made = before;
        before = term;
        term = made;
        addShare(k % 2 == 0 ? p : q, term, 1.0 / (k + 1));
      }
      for (int i = 0; i < n; i++) {
        bell[i] *= DENSITY * o[i];
      }
      for (int i = 0; i < n; i++) {
        p[i] *= bell[i];
      }
      for (int i = 0; i < n; i++) {
        q[i] *= -2 * bell[i];
      }
    }

    private void next(double[] before, double[] term, double share) {
      for (int i = 0; i < n; i++) {
        before[i] = (z[i] * term[i] - square[i] * before[i]) * share;
      }
    }

    private void addShare(double[] sum, double[] term, double share) {
      for (int i = 0; i < n; i++) {
        sum[i] = Math.fma(term[i], share, sum[i]);
      }
    }

    /** P and Q where o is large, by subtraction. */
    private void far(double[] c, double[] o) {
      double[] above = square;
      double[] below = second;
      for (int i = 0; i < n; i++) {
        above[i] = c[i] + o[i];
      }
      cdf(above, above);
      for (int i = 0; i < n; i++) {
        below[i] = c[i] - o[i];
      }
      cdf(below, below);
      for (int i = 0; i < n; i++) {
        if (Math.abs(o[i]) > NEAR) {
          p[i] = 0.5 * (above[i] - below[i]);
          q[i] = above[i] - at[i] + (below[i] - at[i]);
        }
      }
    }
  }

  private static void add(double[] x, double[] y, int n) {
    for (int i = 0; i < n; i++) {
      x[i] += y[i];
    }
  }

  /** z = x within bounds, and its bell. */
  private static void bells(float[] x, double[] z, double[] bell, int n) {
    Loops.widen(x, z, n);
    bound(z, z, n);
    bell(z, bell, n);
  }

  private static void bound(double[] x, double[] z, int n) {
    for (int i = 0; i < n; i++) {
      z[i] = Math.min(Math.max(x[i], -FAR), FAR);
    }
  }

  /** y = exp(−z²/2). */
  private static void bell(double[] z, double[] y, int n) {
    for (int i = 0; i < n; i++) {
      y[i] = -0.5 * z[i] * z[i];
    }
    Exponentials.exp(y, n);
  }

  /** y = Φ(z), in an array of its own. */
  private static void cdf(double[] z, double[] bell, double[] y, int n) {
    tail(z, bell, y, n);
    for (int i = 0; i < n; i++) {
      double positive = Math.min(Math.max(STEEP * z[i], 0), 1);
      y[i] = positive + (1 - 2 * positive) * y[i];
    }
  }

  /**
   * y = Φ(−|z|), in an array of its own: exp(−z²/2) times R(|z|), R(z) = Φ(−z)·exp(z²/2), a
   * polynomial in t = 1/(1 + 0.3·z), fitted by least squares, reweighted until the greatest relative
   * error on 0 ≤ z ≤ 15, 3.1e-9, was least. Its numbers stand in the loop, which is not vectorised
   * with numbers of an array.
   */
  private static void tail(double[] z, double[] bell, double[] y, int n) {
    for (int i = 0; i < n; i++) {
      y[i] = 1 / (1 + 0.3 * Math.abs(z[i]));
    }
    for (int i = 0; i < n; i++) {
      double ratio = Math.fma(-0.020172377250385877, y[i], 0.10979196650180556);
      ratio = Math.fma(ratio, y[i], -0.22142449710567497);
      ratio = Math.fma(ratio, y[i], 0.1817444481036743);
      ratio = Math.fma(ratio, y[i], -0.06997523288986393);
      ratio = Math.fma(ratio, y[i], 0.09025797952605177);
      ratio = Math.fma(ratio, y[i], 0.08085868548324583);
      ratio = Math.fma(ratio, y[i], 0.10955270973132468);
      ratio = Math.fma(ratio, y[i], 0.11969095026165893);
      ratio = Math.fma(ratio, y[i], 0.11967485878459125);
      y[i] = bell[i] * Math.fma(ratio, y[i], 5.073037419141136e-07);
    }
  }
}
