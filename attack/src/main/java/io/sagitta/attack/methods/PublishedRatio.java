package io.sagitta.attack.methods;

import io.sagitta.attack.methods.Attack.Guess;
import io.sagitta.attack.methods.ShadowStatistics.Side;

/**
 * The Gaussian comparisons of the published code, operation by operation. Wherever a formula wants
 * the standard deviation σ the code passes the variance, here {@code v}: {@code nll(x; μ, v) =
 * (x−μ)² / (2v²) + log(v²)/2 + log(2π)/2}.
 */
final class PublishedRatio {
  private static final double NLL_EPSILON = 1e-32;

  private PublishedRatio() {}

  /**
   * {@code Σ_view p(x|in) / (Σ_view p(x|out) + 1e-22)}, the likelihoods added over views before the
   * ratio, 1e-22 added to each variance. NaN where a side has no shadow, where the published code
   * stops with an error.
   */
  static Guess likelihoodRatio(AttackInput input, Feature feature) {
    ShadowStatistics shadows = input.shadows(feature);
    double[] in = new double[input.samples()];
    double[] out = new double[input.samples()];
    for (int view = 0; view < input.views(); view++) {
      double[] values = input.target(feature, view);
      for (int s = 0; s < values.length; s++) {
        in[s] += likelihood(values[s], shadows.in(), view, s);
        out[s] += likelihood(values[s], shadows.out(), view, s);
      }
    }
    for (int s = 0; s < in.length; s++) {
      in[s] /= out[s] + Feature.PUBLISHED_EPSILON;
    }
    return new Guess(in, 0);
  }

  /**
   * {@code −(Σ_view nll(x; in) − Σ_view nll(x; out))} with the members' variance plus 1e-32 on both
   * sides.
   */
  static Guess negativeLogLikelihoods(AttackInput input, Feature feature) {
    ShadowStatistics shadows = input.shadows(feature);
    double[] in = new double[input.samples()];
    double[] out = new double[input.samples()];
    for (int view = 0; view < input.views(); view++) {
      double[] values = input.target(feature, view);
      for (int s = 0; s < values.length; s++) {
        double v = shadows.in().variance(view, s) + NLL_EPSILON;
        in[s] += nll(values[s], shadows.in().mean(view, s), v);
        out[s] += nll(values[s], shadows.out().mean(view, s), v);
      }
    }
    for (int s = 0; s < in.length; s++) {
      in[s] = -(in[s] - out[s]);
    }
    return new Guess(in, 0);
  }

  private static double likelihood(double x, Side side, int view, int sample) {
    double v = side.variance(view, sample) + Feature.PUBLISHED_EPSILON;
    return Math.exp(-nll(x, side.mean(view, sample), v));
  }

  private static double nll(double x, double mean, double v) {
    return (x - mean) * (x - mean) / (2 * (v * v))
        + 0.5 * Math.log(v * v)
        + 0.5 * Math.log(2 * Math.PI);
  }
}
