package io.sagitta.attack.methods;

import io.sagitta.attack.methods.Attack.Guess;
import java.util.Arrays;

/**
 * The log likelihood ratio of two Gaussians a sample and view, one fitted to the shadows that had
 * the sample and one to those that had not, added over views: {@code Σ_view log N(x; μ_in, σ²_in)
 * − log N(x; μ_out, σ²_out)}, all in log space, with variances as {@link Variance} says and means
 * as {@link ShadowMeans} has them.
 */
final class GaussianRatio {
  private GaussianRatio() {}

  /** The ratio for every sample; NaN where the target has no finite value in any view. */
  static Guess guess(AttackInput input, Feature feature) {
    ShadowStatistics shadows = input.shadows(feature);
    int count = input.shadowCount(feature.signal());
    ViewSums sums = new ViewSums(input.samples());
    for (int view = 0; view < input.views(); view++) {
      ShadowMeans means = ShadowMeans.of(shadows, view);
      double[] ratios =
          ratios(input.target(feature, view), shadows, means, view, input.variance(), count);
      for (int s = 0; s < ratios.length; s++) {
        sums.add(s, ratios[s], means.imputed()[s]);
      }
    }
    return sums.guess();
  }

  /**
   * One view's part.
   *
   * @param x {@code [samples]}
   * @param means of the shadows under this view
   * @param count how many shadows there are
   * @return {@code [samples]}
   */
  static double[] ratios(
      double[] x, ShadowStatistics shadows, ShadowMeans means, int view, Variance rule, int count) {
    double[] in = rule.of(shadows.in(), shadows.out(), view, count);
    double[] out = rule.of(shadows.out(), shadows.in(), view, count);
    double[] ratios = new double[x.length];
    for (int s = 0; s < x.length; s++) {
      ratios[s] =
          logDensity(x[s], means.in()[s], in[s]) - logDensity(x[s], means.out()[s], out[s]);
    }
    return ratios;
  }

  /** Without {@code log(2π)/2}, which cancels. */
  static double logDensity(double x, double mean, double variance) {
    return -(x - mean) * (x - mean) / (2 * variance) - 0.5 * Math.log(variance);
  }

  /** Sums over views of what is finite; NaN where nothing was. */
  static final class ViewSums {
    private final double[] sums;
    private final boolean[] imputed;

    ViewSums(int samples) {
      sums = new double[samples];
      Arrays.fill(sums, Double.NaN);
      imputed = new boolean[samples];
    }

    void add(int sample, double value, boolean standsOnAverage) {
      if (Double.isFinite(value)) {
        sums[sample] = (Double.isNaN(sums[sample]) ? 0 : sums[sample]) + value;
        imputed[sample] |= standsOnAverage;
      }
    }

    Guess guess() {
      int count = 0;
      for (boolean one : imputed) {
        count += one ? 1 : 0;
      }
      return new Guess(sums, count);
    }
  }
}
