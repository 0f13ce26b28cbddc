package io.sagitta.attack.statistics;

/**
 * Skewness made normal as D'Agostino 1970 says and kurtosis as Anscombe and Glynn 1983 do; the sum
 * of their squares is χ² with two degrees of freedom.
 */
final class DAgostino {
  private DAgostino() {}

  static double p(double[] values) {
    int n = values.length;
    double mean = 0;
    for (double x : values) {
      mean += x / n;
    }
    double m2 = 0;
    double m3 = 0;
    double m4 = 0;
    for (double x : values) {
      double d = x - mean;
      m2 += d * d / n;
      m3 += d * d * d / n;
      m4 += d * d * d * d / n;
    }
    double skewness = skewness(m3 / Math.pow(m2, 1.5), n);
    double kurtosis = kurtosis(m4 / (m2 * m2), n);
    return Math.exp(-(skewness * skewness + kurtosis * kurtosis) / 2);
  }

  private static double skewness(double b1, double n) {
    double y = b1 * Math.sqrt((n + 1) * (n + 3) / (6 * (n - 2)));
    double beta =
        3 * (n * n + 27 * n - 70) * (n + 1) * (n + 3) / ((n - 2) * (n + 5) * (n + 7) * (n + 9));
    double w2 = Math.sqrt(2 * (beta - 1)) - 1;
    double alpha = Math.sqrt(2 / (w2 - 1));
    double scaled = y / alpha;
    return Math.log(scaled + Math.sqrt(scaled * scaled + 1)) / Math.sqrt(0.5 * Math.log(w2));
  }

  private static double kurtosis(double b2, double n) {
    double expected = 3 * (n - 1) / (n + 1);
    double variance =
        24 * n * (n - 2) * (n - 3) / ((n + 1) * (n + 1) * (n + 3) * (n + 5));
    double x = (b2 - expected) / Math.sqrt(variance);
    double skew =
        6 * (n * n - 5 * n + 2) / ((n + 7) * (n + 9))
            * Math.sqrt(6 * (n + 3) * (n + 5) / (n * (n - 2) * (n - 3)));
    double a = 6 + 8 / skew * (2 / skew + Math.sqrt(1 + 4 / (skew * skew)));
    double root = Math.cbrt((1 - 2 / a) / (1 + x * Math.sqrt(2 / (a - 4))));
    return (1 - 2 / (9 * a) - root) / Math.sqrt(2 / (9 * a));
  }
}
