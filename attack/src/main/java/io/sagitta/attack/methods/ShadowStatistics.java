package io.sagitta.attack.methods;

import io.sagitta.attack.run.ScoreSet;

/**
 * Mean and spread of a feature for every view and sample, apart for the shadow models that were
 * trained on the sample (in) and those that were not (out). Values that are not finite are left
 * out.
 */
public final class ShadowStatistics {
  private final Side in;
  private final Side out;

  private ShadowStatistics(Side in, Side out) {
    this.in = in;
    this.out = out;
  }

  /**
   * Two passes over the shadows, means first, so that variances do not cancel.
   *
   * @param shadows models that have the feature's signal
   */
  static ShadowStatistics of(ScoreSet scores, int[] shadows, Feature feature) {
    Side in = new Side(scores.views().size(), scores.samples());
    Side out = new Side(scores.views().size(), scores.samples());
    for (int view = 0; view < scores.views().size(); view++) {
      for (int shadow : shadows) {
        double[] values = feature.values(scores, shadow, view);
        for (int s = 0; s < values.length; s++) {
          (scores.member(shadow, s) ? in : out).count(view, s, values[s]);
        }
      }
      in.finishMeans(view);
      out.finishMeans(view);
      for (int shadow : shadows) {
        double[] values = feature.values(scores, shadow, view);
        for (int s = 0; s < values.length; s++) {
          (scores.member(shadow, s) ? in : out).deviate(view, s, values[s]);
        }
      }
      in.finishSquares(view);
      out.finishSquares(view);
    }
    return new ShadowStatistics(in, out);
  }

  /**
   * The statistics of the other shadows.
   *
   * @param model one of the shadows
   * @param values its feature, {@code [views][samples]}
   */
  ShadowStatistics without(ScoreSet scores, int model, double[][] values) {
    Side ins = new Side(values.length, scores.samples());
    Side outs = new Side(values.length, scores.samples());
    for (int view = 0; view < values.length; view++) {
      for (int s = 0; s < scores.samples(); s++) {
        boolean own = Double.isFinite(values[view][s]);
        boolean member = scores.member(model, s);
        ins.copy(in, view, s, own && member, values[view][s]);
        outs.copy(out, view, s, own && !member, values[view][s]);
      }
    }
    return new ShadowStatistics(ins, outs);
  }

  /** Over shadows trained on the sample. */
  public Side in() {
    return in;
  }

  /** Over shadows not trained on the sample. */
  public Side out() {
    return out;
  }

  /** One side's statistics, {@code [views, samples]}. */
  public static final class Side {
    /** A smaller part of a sum of squares is what rounding leaves of nothing. */
    private static final double ROUNDING = 1e-12;

    private final int[][] counts;
    private final double[][] means;
    private final double[][] squares;

    private Side(int views, int samples) {
      counts = new int[views][samples];
      means = new double[views][samples];
      squares = new double[views][samples];
    }

    /** Takes another side's statistics, or what they are without one of their values. */
    private void copy(Side other, int view, int sample, boolean without, double value) {
      counts[view][sample] = other.counts[view][sample] - (without ? 1 : 0);
      means[view][sample] =
          without ? other.meanWithout(value, view, sample) : other.means[view][sample];
      squares[view][sample] =
          without ? other.squaresWithout(value, view, sample) : other.squares[view][sample];
    }

    private void count(int view, int sample, double value) {
      if (Double.isFinite(value)) {
        counts[view][sample]++;
        means[view][sample] += value;
      }
    }

    private void finishMeans(int view) {
      for (int s = 0; s < means[view].length; s++) {
        means[view][s] /= counts[view][s];
      }
    }

    private void deviate(int view, int sample, double value) {
      if (Double.isFinite(value)) {
        double deviation = value - means[view][sample];
        squares[view][sample] += deviation * deviation;
      }
    }

    /**
     * Equal values deviate by nothing, whatever the rounding of their mean: logarithms of what it
     * leaves would be the farthest outliers among all samples' variances.
     */
    private void finishSquares(int view) {
      for (int s = 0; s < squares[view].length; s++) {
        int n = counts[view][s];
        double rounding = n * Math.ulp(means[view][s]);
        squares[view][s] = squares[view][s] > n * rounding * rounding ? squares[view][s] : 0;
      }
    }

    /** How many samples there are. */
    public int samples() {
      return means[0].length;
    }

    /** How many shadows have a value. */
    public int count(int view, int sample) {
      return counts[view][sample];
    }

    /** Their mean; NaN where there is none. */
    public double mean(int view, int sample) {
      return means[view][sample];
    }

    /** The sum of squared deviations from the mean; 0 where there is none. */
    public double squares(int view, int sample) {
      return squares[view][sample];
    }

    /** The mean without one shadow's finite value among them; NaN where it is the only one. */
    public double meanWithout(double value, int view, int sample) {
      int n = counts[view][sample];
      return n == 1
          ? Double.NaN
          : means[view][sample] + (means[view][sample] - value) / (n - 1);
    }

    /**
     * The sum of squared deviations without one shadow's finite value among them; exactly 0 where
     * the others are equal.
     */
    public double squaresWithout(double value, int view, int sample) {
      int n = counts[view][sample];
      double all = squares[view][sample];
      double deviation = value - means[view][sample];
      double left = n == 1 ? 0 : all - deviation * deviation * n / (n - 1);
      return left > ROUNDING * all ? left : 0;
    }

    /** Their variance, divided by n as {@code numpy.nanvar} does; NaN where there is none. */
    public double variance(int view, int sample) {
      return squares[view][sample] / counts[view][sample];
    }

    /**
     * One variance for all samples of a view: squared deviations from each sample's own mean over
     * the degrees of freedom left. Where no sample has two shadows it is the variance of the
     * samples' means around theirs, which is too wide rather than none; NaN for fewer than two.
     */
    public double pooledVariance(int view) {
      double sum = 0;
      long freedom = 0;
      for (int s = 0; s < means[view].length; s++) {
        sum += squares[view][s];
        freedom += Math.max(0, counts[view][s] - 1);
      }
      return freedom > 0 ? sum / freedom : varianceOfMeans(view);
    }

    private double varianceOfMeans(int view) {
      double mean = 0;
      double deviations = 0;
      int n = 0;
      for (double value : means[view]) {
        if (!Double.isNaN(value)) {
          n++;
          double step = value - mean;
          mean += step / n;
          deviations += step * (value - mean);
        }
      }
      return n > 1 ? deviations / (n - 1) : Double.NaN;
    }
  }
}
