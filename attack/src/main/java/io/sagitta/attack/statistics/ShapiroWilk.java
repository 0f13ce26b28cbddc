package io.sagitta.attack.statistics;

/** Royston's algorithm AS R94 (Applied Statistics 44, 1995), for 3 to 5000 values. */
final class ShapiroWilk {
  private static final double[] LAST = {
    0.221157, -0.147981, -2.071190, 4.434685, -2.706056
  };
  private static final double[] LAST_BUT_ONE = {
    0.042981, -0.293762, -1.752461, 5.682633, -3.582633
  };

  /** Up to here the distribution has an end, from 12 values on it is taken as log-normal. */
  private static final int SMALL = 11;

  private ShapiroWilk() {}

  static double p(double[] sorted) {
    return p(statistic(sorted), sorted.length);
  }

  /** W: the squared correlation, all but, of the values with what Gaussian ones would be. */
  static double statistic(double[] sorted) {
    int n = sorted.length;
    double[] weights = weights(n);
    double mean = 0;
    for (double x : sorted) {
      mean += x / n;
    }
    double product = 0;
    double squares = 0;
    for (int i = 0; i < n; i++) {
      product += weights[i] * (sorted[i] - mean);
      squares += (sorted[i] - mean) * (sorted[i] - mean);
    }
    return Math.min(1, product * product / squares);
  }

  private static double[] weights(int n) {
    if (n == 3) {
      return new double[] {-Math.sqrt(0.5), 0, Math.sqrt(0.5)};
    }
    double[] scores = new double[n];
    double squares = 0;
    for (int i = 0; i < n; i++) {
      scores[i] = Normality.NORMAL.inverseCumulativeProbability((i + 1 - 0.375) / (n + 0.25));
      squares += scores[i] * scores[i];
    }
    double last = scores[n - 1] / Math.sqrt(squares) + series(LAST, n);
    int corrected = n > 5 ? 2 : 1;
    double secondLast =
        corrected == 2 ? scores[n - 2] / Math.sqrt(squares) + series(LAST_BUT_ONE, n) : 0;
    double left = squares - 2 * scores[n - 1] * scores[n - 1];
    double free = 1 - 2 * last * last;
    if (corrected == 2) {
      left -= 2 * scores[n - 2] * scores[n - 2];
      free -= 2 * secondLast * secondLast;
    }
    double factor = Math.sqrt(free / left);
    for (int i = corrected; i < n - corrected; i++) {
      scores[i] *= factor;
    }
    scores[n - 1] = last;
    scores[0] = -last;
    if (corrected == 2) {
      scores[n - 2] = secondLast;
      scores[1] = -secondLast;
    }
    return scores;
  }

  /** A polynomial in 1/√n without constant term. */
  private static double series(double[] coefficients, int n) {
    double u = 1 / Math.sqrt(n);
    double sum = 0;
    for (int i = coefficients.length - 1; i >= 0; i--) {
      sum = (sum + coefficients[i]) * u;
    }
    return sum;
  }

  private static double p(double w, int n) {
    if (n == 3) {
      double p = 6 / Math.PI * (Math.asin(Math.sqrt(w)) - Math.asin(Math.sqrt(0.75)));
      return Math.max(0, p);
    }
    double log = Math.log1p(-w);
    double mean;
    double deviation;
    if (n <= SMALL) {
      double end = 0.459 * n - 2.273;
      if (log >= end) {
        return 0;
      }
      log = -Math.log(end - log);
      mean = 0.5440 + n * (-0.39978 + n * (0.025054 - n * 0.0006714));
      deviation = Math.exp(1.3822 + n * (-0.77857 + n * (0.062767 - n * 0.0020322)));
    } else {
      double u = Math.log(n);
      mean = -1.5861 + u * (-0.31082 + u * (-0.083751 + u * 0.0038915));
      deviation = Math.exp(-0.4803 + u * (-0.082676 + u * 0.0030302));
    }
    return Normality.NORMAL.cumulativeProbability((mean - log) / deviation);
  }
}
