package io.sagitta.attack.methods;

import io.sagitta.attack.methods.Attack.Guess;
import io.sagitta.attack.methods.ShadowStatistics.Side;
import java.util.Arrays;

/**
 * The log likelihood ratio of two Gaussians a sample and view, one fitted to the shadows that had
 * the sample and one to those that had not, added over views: {@code Σ_view log N(x; μ_in, σ²_in)
 * − log N(x; μ_out, σ²_out)}, all in log space.
 *
 * <p>Below {@value #OWN_VARIANCE_SHADOWS} shadows a sample's own variance is mostly noise, and
 * each side's variance is pooled over samples (Carlini et al. 2022, "fixed variance"); from there
 * on it is the sample's own, with the pooled variance counting as one more observation: {@code (Σ
 * (x−μ)² + σ²_pooled) / n}, so that it is never zero.
 *
 * <p>A sample that no shadow had (or that all had) takes the missing mean from the other side,
 * moved by the mean difference of the samples that have both; it is counted as imputed.
 */
final class GaussianRatio {
  /** From this many shadows on a sample has a variance of its own. */
  static final int OWN_VARIANCE_SHADOWS = 64;

  /** Keeps constant features from dividing zero by zero. */
  private static final double LEAST_VARIANCE = 1e-24;

  private final Side in;
  private final Side out;
  private final boolean ownVariance;

  private GaussianRatio(ShadowStatistics statistics, boolean ownVariance) {
    this.in = statistics.in();
    this.out = statistics.out();
    this.ownVariance = ownVariance;
  }

  /** The ratio for every sample; NaN where the target has no finite value in any view. */
  static Guess guess(AttackInput input, Feature feature) {
    boolean ownVariance = input.shadowCount(feature.signal()) >= OWN_VARIANCE_SHADOWS;
    GaussianRatio ratio = new GaussianRatio(input.shadows(feature), ownVariance);
    double[] sums = new double[input.samples()];
    Arrays.fill(sums, Double.NaN);
    boolean[] imputed = new boolean[sums.length];
    for (int view = 0; view < input.views(); view++) {
      ratio.add(input.target(feature, view), view, sums, imputed);
    }
    int count = 0;
    for (int s = 0; s < sums.length; s++) {
      count += imputed[s] && !Double.isNaN(sums[s]) ? 1 : 0;
    }
    return new Guess(sums, count);
  }

  private void add(double[] values, int view, double[] sums, boolean[] imputed) {
    double shift = meanShift(view);
    double pooledIn = pooled(in, out, view);
    double pooledOut = pooled(out, in, view);
    for (int s = 0; s < values.length; s++) {
      double meanIn = in.mean(view, s);
      double meanOut = out.mean(view, s);
      if (Double.isNaN(meanIn) != Double.isNaN(meanOut)) {
        meanIn = Double.isNaN(meanIn) ? meanOut + shift : meanIn;
        meanOut = Double.isNaN(meanOut) ? meanIn - shift : meanOut;
        imputed[s] = true;
      }
      double ratio =
          logDensity(values[s], meanIn, variance(in, view, s, pooledIn))
              - logDensity(values[s], meanOut, variance(out, view, s, pooledOut));
      if (Double.isFinite(ratio)) {
        sums[s] = (Double.isNaN(sums[s]) ? 0 : sums[s]) + ratio;
      }
    }
  }

  /**
   * How far membership moves a sample's mean, on average over samples with both; NaN without any.
   */
  private double meanShift(int view) {
    double sum = 0;
    int n = 0;
    for (int s = 0; s < in.samples(); s++) {
      double difference = in.mean(view, s) - out.mean(view, s);
      if (!Double.isNaN(difference)) {
        sum += difference;
        n++;
      }
    }
    return sum / n;
  }

  private static double pooled(Side side, Side other, int view) {
    double own = side.pooledVariance(view);
    return Math.max(LEAST_VARIANCE, Double.isNaN(own) ? other.pooledVariance(view) : own);
  }

  private double variance(Side side, int view, int sample, double pooled) {
    int n = side.count(view, sample);
    return ownVariance && n > 0 ? (side.squares(view, sample) + pooled) / n : pooled;
  }

  /** Without {@code log(2π)/2}, which cancels. */
  private static double logDensity(double x, double mean, double variance) {
    return -(x - mean) * (x - mean) / (2 * variance) - 0.5 * Math.log(variance);
  }
}
