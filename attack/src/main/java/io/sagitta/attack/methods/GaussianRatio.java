package io.sagitta.attack.methods;

import io.sagitta.attack.methods.Attack.Guess;

/**
 * The log likelihood ratio of two Gaussians a sample and view, one fitted to the shadows that had
 * the sample and one to those that had not, added over the views that {@link Views} chooses: {@code
 * Σ_view log N(x; μ_in, σ²_in) − log N(x; μ_out, σ²_out)}, all in log space, with variances as
 * {@link Variance} says and means as {@link ShadowMeans} has them.
 */
final class GaussianRatio {
  private static final String NAME = "Gaussian ratio";

  private GaussianRatio() {}

  /** The ratio for every sample; NaN where the target has no finite value in any view. */
  static Guess guess(AttackInput input, Feature feature) {
    return ViewEvidence.guess(input, NAME, feature, true, evidence(input.variance()));
  }

  /** The views that {@link #guess} adds up. */
  static int[] chosenViews(AttackInput input, Feature feature) {
    return input.chosenViews(NAME, feature, evidence(input.variance()));
  }

  /** A view's ratios under a rule of variance. */
  static ViewEvidence evidence(Variance rule) {
    return (x, shadows, view) -> {
      ShadowMeans means = ShadowMeans.of(shadows, view);
      double[] in = rule.of(shadows.in(), shadows.out(), view);
      double[] out = rule.of(shadows.out(), shadows.in(), view);
      double[] ratios = new double[x.length];
      for (int s = 0; s < x.length; s++) {
        ratios[s] =
            logDensity(x[s], means.in()[s], in[s]) - logDensity(x[s], means.out()[s], out[s]);
      }
      return ratios;
    };
  }

  /** Without {@code log(2π)/2}, which cancels. */
  static double logDensity(double x, double mean, double variance) {
    return -(x - mean) * (x - mean) / (2 * variance) - 0.5 * Math.log(variance);
  }
}
