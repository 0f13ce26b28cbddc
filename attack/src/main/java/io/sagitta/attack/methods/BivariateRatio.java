package io.sagitta.attack.methods;

import io.sagitta.attack.run.ScoreSet;

/**
 * The log likelihood ratio of two bivariate Gaussians, of a logit and a log curvature: each side
 * has the sample's own means and one covariance for all samples of a view, pooled over them.
 */
final class BivariateRatio {
  private final Covariance[] in;
  private final Covariance[] out;

  /** A symmetric 2 × 2 matrix, as the density needs it. */
  private record Covariance(double xx, double xy, double yy) {
    double logDensity(double x, double y) {
      double determinant = xx * yy - xy * xy;
      double distance = (yy * x * x - 2 * xy * x * y + xx * y * y) / determinant;
      return -0.5 * (distance + Math.log(determinant));
    }
  }

  private BivariateRatio(Covariance[] in, Covariance[] out) {
    this.in = in;
    this.out = out;
  }

  /** Pools the shadows' covariances. */
  static BivariateRatio fit(ShadowPool pool, Feature first, Feature second, int[] shadows) {
    int views = pool.scores().views().size();
    Covariance[] in = new Covariance[views];
    Covariance[] out = new Covariance[views];
    for (int view = 0; view < views; view++) {
      in[view] = pooled(pool, first, second, shadows, view, true);
      out[view] = pooled(pool, first, second, shadows, view, false);
    }
    return new BivariateRatio(in, out);
  }

  private static Covariance pooled(
      ShadowPool pool, Feature first, Feature second, int[] shadows, int view, boolean member) {
    ScoreSet scores = pool.scores();
    ShadowMeans x = ShadowMeans.of(pool.statistics(first), view);
    ShadowMeans y = ShadowMeans.of(pool.statistics(second), view);
    double cross = 0;
    double squaresX = 0;
    double squaresY = 0;
    for (int shadow : shadows) {
      double[] xs = pool.values(first, shadow, view);
      double[] ys = pool.values(second, shadow, view);
      for (int s = 0; s < xs.length; s++) {
        double dx = xs[s] - (member ? x.in() : x.out())[s];
        double dy = ys[s] - (member ? y.in() : y.out())[s];
        if (scores.member(shadow, s) == member && Double.isFinite(dx) && Double.isFinite(dy)) {
          cross += dx * dy;
          squaresX += dx * dx;
          squaresY += dy * dy;
        }
      }
    }
    double correlation = cross / Math.sqrt(squaresX * squaresY);
    double varianceX = variance(pool.statistics(first), view, member);
    double varianceY = variance(pool.statistics(second), view, member);
    // Away from ±1, where the density has no meaning; 0 where a feature is constant.
    double bounded = Double.isNaN(correlation) ? 0 : Math.max(-0.99, Math.min(0.99, correlation));
    return new Covariance(
        varianceX, bounded * Math.sqrt(varianceX * varianceY), varianceY);
  }

  private static double variance(ShadowStatistics statistics, int view, boolean member) {
    return Variance.pooled(
        member ? statistics.in() : statistics.out(),
        member ? statistics.out() : statistics.in(),
        view);
  }

  /** The ratio of one sample's deviations from its means on both sides. */
  double of(int view, double xIn, double yIn, double xOut, double yOut) {
    return in[view].logDensity(xIn, yIn) - out[view].logDensity(xOut, yOut);
  }
}
