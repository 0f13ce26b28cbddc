package io.sagitta.attack.methods;

import io.sagitta.attack.methods.ShadowStatistics.Side;

/**
 * What all samples' variances say of one sample's: a scaled inverse χ² law with {@code freedom}
 * degrees of freedom around {@code scale}. Fitted to the moments of the logarithms of the samples'
 * variances (Smyth: Linear Models and Empirical Bayes Methods, SAGMB 2004, section 6.2): with d
 * degrees of freedom {@code log s² − ψ(d/2) + log(d/2)} has mean {@code log scale − ψ(freedom/2) +
 * log(freedom/2)} and variance {@code ψ′(d/2) + ψ′(freedom/2)}.
 *
 * @param freedom degrees of freedom, at most 10,000, where samples are as good as alike
 * @param scale a variance
 */
record VariancePrior(double freedom, double scale) {
  private static final double MOST_FREEDOM = 1e4;
  private static final int NEWTON_STEPS = 50;

  /**
   * Fits the variances of one side under a view.
   *
   * @param pooled the scale where no sample has two shadows, or where samples are alike
   */
  static VariancePrior fit(Side side, int view, double pooled) {
    double mean = 0;
    double squares = 0;
    double expected = 0;
    int n = 0;
    for (int s = 0; s < side.samples(); s++) {
      int d = side.count(view, s) - 1;
      if (d < 1 || side.squares(view, s) <= 0) {
        continue;
      }
      double e =
          Math.log(side.squares(view, s) / d) - Polygamma.digamma(d / 2.0) + Math.log(d / 2.0);
      n++;
      double step = e - mean;
      mean += step / n;
      squares += step * (e - mean);
      expected += Polygamma.trigamma(d / 2.0);
    }
    double excess = (squares / (n - 1) * n - expected) / n;
    if (n < 2 || excess <= Polygamma.trigamma(MOST_FREEDOM / 2)) {
      return new VariancePrior(MOST_FREEDOM, pooled);
    }
    double half = inverseTrigamma(excess);
    return new VariancePrior(2 * half, Math.exp(mean + Polygamma.digamma(half) - Math.log(half)));
  }

  /** The posterior variance of a sample with this sum of squared deviations. */
  double posterior(double squares, int degrees) {
    return (freedom * scale + squares) / (freedom + degrees);
  }

  /** Newton's method on 1/ψ′, which is nearly linear (Smyth 2004, appendix). */
  private static double inverseTrigamma(double x) {
    double y = 0.5 + 1 / x;
    for (int i = 0; i < NEWTON_STEPS; i++) {
      double tri = Polygamma.trigamma(y);
      double step = tri * (1 - tri / x) / Polygamma.tetragamma(y);
      y += step;
      if (Math.abs(step) < 1e-13 * y) {
        break;
      }
    }
    return y;
  }
}
