package io.sagitta.attack.metrics;

import java.util.Arrays;

/**
 * The ROC curve of scores, a higher score meaning "member". Point 0 rejects everything; each
 * further point accepts all scores down to one more distinct value, so ties move together and
 * nothing is interpolated or binned. Counts are exact integers.
 */
public final class Roc {
  private final double[] thresholds;
  private final long[] truePositives;
  private final long[] falsePositives;

  private Roc(double[] thresholds, long[] truePositives, long[] falsePositives) {
    this.thresholds = thresholds;
    this.truePositives = truePositives;
    this.falsePositives = falsePositives;
  }

  /**
   * The curve of two samples of scores, each in any order; infinite scores are allowed.
   *
   * @throws IllegalArgumentException when either is empty or a score is NaN
   */
  public static Roc of(double[] memberScores, double[] nonmemberScores) {
    double[] in = sorted("member", memberScores);
    double[] out = sorted("non-member", nonmemberScores);
    double[] thresholds = new double[in.length + out.length + 1];
    long[] tp = new long[thresholds.length];
    long[] fp = new long[thresholds.length];
    thresholds[0] = Double.POSITIVE_INFINITY;
    int i = in.length;
    int o = out.length;
    int points = 1;
    while (i > 0 || o > 0) {
      double top = i == 0 ? out[o - 1] : o == 0 ? in[i - 1] : Math.max(in[i - 1], out[o - 1]);
      while (i > 0 && in[i - 1] == top) {
        i--;
      }
      while (o > 0 && out[o - 1] == top) {
        o--;
      }
      thresholds[points] = top;
      tp[points] = in.length - i;
      fp[points] = out.length - o;
      points++;
    }
    return new Roc(
        Arrays.copyOf(thresholds, points), Arrays.copyOf(tp, points), Arrays.copyOf(fp, points));
  }

  /** Sorted ascending, with negative zero made equal to zero. */
  private static double[] sorted(String who, double[] scores) {
    double[] sorted = new double[scores.length];
    Arrays.setAll(sorted, i -> scores[i] + 0.0);
    Arrays.sort(sorted);
    if (sorted.length == 0 || Double.isNaN(sorted[sorted.length - 1])) {
      throw new IllegalArgumentException(
          "roc: expected at least one " + who + " score and none NaN, got " + sorted.length
              + (sorted.length == 0 ? "" : " with NaN"));
    }
    return sorted;
  }

  /**
   * The curve of a resample: how often each of this curve's distinct scores was drawn. Scores that
   * were not drawn make no point.
   *
   * @param memberDraws {@code [points − 1]}: draws of the score at point {@code p + 1} by members
   * @param nonmemberDraws the same by non-members
   */
  Roc resampled(int[] memberDraws, int[] nonmemberDraws) {
    double[] kept = new double[thresholds.length];
    long[] tp = new long[thresholds.length];
    long[] fp = new long[thresholds.length];
    kept[0] = thresholds[0];
    int points = 1;
    for (int p = 0; p < memberDraws.length; p++) {
      if (memberDraws[p] + nonmemberDraws[p] > 0) {
        kept[points] = thresholds[p + 1];
        tp[points] = tp[points - 1] + memberDraws[p];
        fp[points] = fp[points - 1] + nonmemberDraws[p];
        points++;
      }
    }
    return new Roc(
        Arrays.copyOf(kept, points), Arrays.copyOf(tp, points), Arrays.copyOf(fp, points));
  }

  /**
   * The points that scikit-learn's {@code roc_curve} keeps by default: the first two, the last, and
   * those where the second difference of either count is not zero.
   */
  public Roc dropIntermediate() {
    int last = points() - 1;
    double[] kept = new double[points()];
    long[] tp = new long[points()];
    long[] fp = new long[points()];
    int n = 0;
    for (int p = 0; p <= last; p++) {
      if (p <= 1 || p == last || last <= 2 || bends(truePositives, p) || bends(falsePositives, p)) {
        kept[n] = thresholds[p];
        tp[n] = truePositives[p];
        fp[n] = falsePositives[p];
        n++;
      }
    }
    return new Roc(Arrays.copyOf(kept, n), Arrays.copyOf(tp, n), Arrays.copyOf(fp, n));
  }

  private static boolean bends(long[] counts, int p) {
    return counts[p + 1] - counts[p] != counts[p] - counts[p - 1];
  }

  /** How many points there are, the first included. */
  public int points() {
    return thresholds.length;
  }

  /** The least score accepted at a point; infinite at point 0. */
  public double threshold(int point) {
    return thresholds[point];
  }

  /** Members accepted at a point. */
  public long truePositives(int point) {
    return truePositives[point];
  }

  /** Non-members accepted at a point. */
  public long falsePositives(int point) {
    return falsePositives[point];
  }

  /** Members in all. */
  public long members() {
    return truePositives[points() - 1];
  }

  /** Non-members in all. */
  public long nonmembers() {
    return falsePositives[points() - 1];
  }

  /** The share of members accepted at a point. */
  public double tpr(int point) {
    return (double) truePositives[point] / members();
  }

  /** The share of non-members accepted at a point. */
  public double fpr(int point) {
    return (double) falsePositives[point] / nonmembers();
  }

  /**
   * The area under the curve: the probability that a random member scores above a random
   * non-member, a tie counting one half. Summed in integers, exact up to the last division.
   */
  public double auroc() {
    long twiceArea = 0;
    for (int p = 1; p < points(); p++) {
      twiceArea +=
          (falsePositives[p] - falsePositives[p - 1]) * (truePositives[p] + truePositives[p - 1]);
    }
    return twiceArea / (2.0 * members() * nonmembers());
  }
}
