package io.sagitta.attack.statistics;

import java.util.Arrays;
import org.apache.commons.math3.distribution.NormalDistribution;

/** Tests of whether values come from some Gaussian, its mean and variance unknown. */
public enum Normality {
  /** Shapiro and Wilk 1965 with Royston's 1995 approximation, AS R94: strong with few values. */
  SHAPIRO_WILK("Shapiro-Wilk", 3, 5000) {
    @Override
    double p(double[] sorted) {
      return ShapiroWilk.p(sorted);
    }
  },
  /**
   * Anderson and Darling 1952, looking hard at the tails, with the small-sample factor and p-values
   * of D'Agostino and Stephens 1986, table 4.9.
   */
  ANDERSON_DARLING("Anderson-Darling", 8, Integer.MAX_VALUE) {
    @Override
    double p(double[] sorted) {
      return andersonDarling(sorted);
    }
  },
  /** D'Agostino and Pearson 1973: skewness and kurtosis together. */
  DAGOSTINO("D'Agostino-Pearson", 8, Integer.MAX_VALUE) {
    @Override
    double p(double[] sorted) {
      return DAgostino.p(sorted);
    }
  };

  /** Where the parabola that was fitted to Anderson and Darling's tail turns: p is 1e-190 there. */
  private static final double FARTHEST = 153;

  static final NormalDistribution NORMAL = new NormalDistribution(null, 0, 1);

  private final String title;
  private final int least;
  private final int most;

  Normality(String title, int least, int most) {
    this.title = title;
    this.least = least;
    this.most = most;
  }

  /** Its name in tables. */
  public String title() {
    return title;
  }

  /** The fewest values it is defined for. */
  public int least() {
    return least;
  }

  /** The most values its p-value is known for. */
  public int most() {
    return most;
  }

  /**
   * The probability, if they were Gaussian, of values at least as unlike it.
   *
   * @param values finite, in any order
   * @return NaN where all values are equal
   * @throws IllegalArgumentException if there are too few or too many, or one is not finite
   */
  public double test(double[] values) {
    if (values.length < least || values.length > most) {
      throw new IllegalArgumentException(
          title + ": expected " + least + " to " + most + " values, got " + values.length);
    }
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    if (!Double.isFinite(sorted[0]) || !Double.isFinite(sorted[sorted.length - 1])) {
      throw new IllegalArgumentException(
          title + ": expected finite values, got " + sorted[0] + " to "
              + sorted[sorted.length - 1]);
    }
    return sorted[0] == sorted[sorted.length - 1] ? Double.NaN : p(sorted);
  }

  abstract double p(double[] sorted);

  private static double andersonDarling(double[] sorted) {
    int n = sorted.length;
    double mean = Arrays.stream(sorted).average().orElseThrow();
    double squares = Arrays.stream(sorted).map(x -> (x - mean) * (x - mean)).sum();
    double deviation = Math.sqrt(squares / (n - 1));
    double sum = 0;
    for (int i = 0; i < n; i++) {
      double below = (sorted[i] - mean) / deviation;
      double above = (mean - sorted[n - 1 - i]) / deviation;
      sum += (2 * i + 1) * (logCdf(below) + logCdf(above));
    }
    double a = (-n - sum / n) * (1 + 0.75 / n + 2.25 / ((double) n * n));
    if (a >= 0.6) {
      double far = Math.min(a, FARTHEST);
      return Math.exp(1.2937 - 5.709 * far + 0.0186 * far * far);
    }
    if (a >= 0.34) {
      return Math.exp(0.9177 - 4.279 * a - 1.38 * a * a);
    }
    return a >= 0.2
        ? -Math.expm1(-8.318 + 42.796 * a - 59.938 * a * a)
        : -Math.expm1(-13.436 + 101.14 * a - 223.73 * a * a);
  }

  /** Far out the distribution function is zero in double and its logarithm is not. */
  private static double logCdf(double x) {
    return x > -30 ? Math.log(NORMAL.cumulativeProbability(x))
        : -x * x / 2 - Math.log(-x) - 0.5 * Math.log(2 * Math.PI);
  }
}
