package io.sagitta.attack.methods;

import io.sagitta.attack.run.ScoreSet;
import io.sagitta.attack.run.Signal;
import java.util.Arrays;

/**
 * What {@link Joint} knows of a sample, averaged over the views that {@link Views} chooses for the
 * logit's ratio: the inverse hyperbolic sines of three
 * log likelihood ratios, which order samples as the ratios do and are tame in the tails (the
 * logit's, the log curvature's, and that of both by {@link BivariateRatio}), then logit and log
 * curvature themselves and their differences from the shadows' means on both sides, from which a
 * regression can take back what the noise of those means does to the ratios.
 */
final class JointEvidence {
  /** How many numbers there are a sample. */
  static final int ENTRIES = 9;

  /** The entry of the logit's likelihood ratio. */
  static final int LOGIT = 0;

  /** The entry of the curvature's likelihood ratio. */
  static final int CURVATURE = 1;

  private final ShadowPool pool;
  private final Feature logit;
  private final Feature curvature;
  private final int[] shadows;
  private final ViewEvidence ratio;
  private final int[] views;
  private final BivariateRatio bivariate;

  private JointEvidence(AttackInput input, int[] shadows) {
    this.pool = input.pool();
    this.logit = Feature.raw(Signal.LOGIT);
    this.curvature = input.logFeature(Signal.CURV_ZO);
    this.shadows = shadows;
    this.ratio = GaussianRatio.evidence(input.variance());
    this.views = GaussianRatio.chosenViews(input, logit);
    this.bivariate = BivariateRatio.fit(pool, logit, curvature, shadows);
  }

  /** What the input's shadows tell; nothing of its target is looked at. */
  static JointEvidence of(AttackInput input) {
    ShadowPool pool = input.pool();
    int[] shadows =
        Arrays.stream(pool.shadows(Signal.LOGIT))
            .filter(shadow -> pool.scores().has(Signal.CURV_ZO, shadow))
            .toArray();
    return new JointEvidence(input, shadows);
  }

  /** The shadows that have both signals. */
  int[] shadows() {
    return shadows;
  }

  /** {@code [samples]}: whether a sample lacks shadows on one side. */
  boolean[] imputed() {
    return ShadowMeans.of(pool.statistics(logit), 0).imputed();
  }

  /** A target's evidence, {@code [samples][ENTRIES]}; null where every view lacks a value. */
  double[][] ofTarget(AttackInput input) {
    ScoreSet scores = pool.scores();
    double[][] x = new double[scores.views().size()][];
    double[][] y = new double[x.length][];
    for (int view = 0; view < x.length; view++) {
      x[view] = input.target(logit, view);
      y[view] = input.target(curvature, view);
    }
    return of(x, y, pool.statistics(logit), pool.statistics(curvature));
  }

  /** A shadow's evidence as if it were the target, by the statistics of the others. */
  double[][] ofShadow(int shadow) {
    double[][] x = new double[pool.scores().views().size()][];
    double[][] y = new double[x.length][];
    for (int view = 0; view < x.length; view++) {
      x[view] = pool.values(logit, shadow, view);
      y[view] = pool.values(curvature, shadow, view);
    }
    return of(
        x, y,
        pool.statistics(logit).without(pool.scores(), shadow, x),
        pool.statistics(curvature).without(pool.scores(), shadow, y));
  }

  private double[][] of(
      double[][] x, double[][] y, ShadowStatistics ofX, ShadowStatistics ofY) {
    double[][] rows = new double[x[0].length][];
    int[] counts = new int[rows.length];
    for (int view : views) {
      ShadowMeans meansX = ShadowMeans.of(ofX, view);
      ShadowMeans meansY = ShadowMeans.of(ofY, view);
      double[] ratioX = ratio.of(x[view], ofX, view);
      double[] ratioY = ratio.of(y[view], ofY, view);
      for (int s = 0; s < rows.length; s++) {
        if (Double.isFinite(ratioX[s]) && Double.isFinite(ratioY[s])) {
          rows[s] = rows[s] == null ? new double[ENTRIES] : rows[s];
          counts[s]++;
          double xIn = x[view][s] - meansX.in()[s];
          double xOut = x[view][s] - meansX.out()[s];
          double yIn = y[view][s] - meansY.in()[s];
          double yOut = y[view][s] - meansY.out()[s];
          double both = bivariate.of(view, xIn, yIn, xOut, yOut);
          add(
              rows[s], ratioX[s], ratioY[s], both, x[view][s], xIn, xOut, y[view][s], yIn, yOut);
        }
      }
    }
    for (int s = 0; s < rows.length; s++) {
      finish(rows[s], counts[s]);
    }
    return rows;
  }

  private static void add(double[] row, double... values) {
    for (int f = 0; f < row.length; f++) {
      row[f] += values[f];
    }
  }

  /** Means over views, and the ratios' sums tamed. */
  private static void finish(double[] row, int views) {
    for (int f = 0; row != null && f < row.length; f++) {
      row[f] = f < 3 ? asinh(row[f]) : row[f] / views;
    }
  }

  private static double asinh(double x) {
    return Math.copySign(Math.log(Math.abs(x) + Math.sqrt(x * x + 1)), x);
  }
}
