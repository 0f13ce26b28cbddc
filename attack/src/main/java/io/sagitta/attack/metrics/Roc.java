package io.sagitta.attack.metrics;

import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * The ROC curve of scores, a higher score meaning "member". Point 0 rejects everything; each
 * further point accepts all scores down to one more distinct value, so ties move together and
 * nothing is interpolated or binned. Counts are exact integers.
 */
public final class Roc {
  private final double[] thresholds;
  private final Counts counts;

  private Roc(double[] thresholds, Counts counts) {
    this.thresholds = thresholds;
    this.counts = counts;
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
    Counts counts = new Counts(thresholds.length);
    thresholds[0] = Double.POSITIVE_INFINITY;
    int i = in.length;
    int o = out.length;
    while (i > 0 || o > 0) {
      double top = i == 0 ? out[o - 1] : o == 0 ? in[i - 1] : Math.max(in[i - 1], out[o - 1]);
      int ins = i;
      int outs = o;
      while (i > 0 && in[i - 1] == top) {
        i--;
      }
      while (o > 0 && out[o - 1] == top) {
        o--;
      }
      thresholds[counts.points] = top;
      counts.accept(ins - i, outs - o);
    }
    return new Roc(Arrays.copyOf(thresholds, counts.points), counts);
  }

  /**
   * The curve of scores of known membership; those that are NaN are left out.
   *
   * @throws IllegalArgumentException when there are not both kinds
   */
  public static Roc of(double[] scores, boolean[] members) {
    return of(select(scores, members, true), select(scores, members, false));
  }

  /** Whether both members and non-members have a score that is not NaN. */
  public static boolean hasBothKinds(double[] scores, boolean[] members) {
    return select(scores, members, true).length > 0 && select(scores, members, false).length > 0;
  }

  private static double[] select(double[] scores, boolean[] members, boolean member) {
    return IntStream.range(0, scores.length)
        .filter(s -> members[s] == member && !Double.isNaN(scores[s]))
        .mapToDouble(s -> scores[s])
        .toArray();
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

  Counts counts() {
    return counts;
  }

  /**
   * The last point that accepts only scores of at least this one.
   *
   * @param score not NaN
   */
  public int pointAccepting(double score) {
    int within = 0;
    int beyond = thresholds.length;
    while (beyond - within > 1) {
      int middle = (within + beyond) >>> 1;
      if (thresholds[middle] >= score) {
        within = middle;
      } else {
        beyond = middle;
      }
    }
    return within;
  }

  /** The point at which both kinds of error are equally frequent, of those scikit-learn keeps. */
  public int keptEqualErrorPoint() {
    return counts.keptEqualError();
  }

  /** The first point of the greatest balanced accuracy. */
  public int bestPoint() {
    return counts.best();
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
    return counts.truePositives[point];
  }

  /** Non-members accepted at a point. */
  public long falsePositives(int point) {
    return counts.falsePositives[point];
  }

  /** Members in all. */
  public long members() {
    return truePositives(points() - 1);
  }

  /** Non-members in all. */
  public long nonmembers() {
    return falsePositives(points() - 1);
  }

  /** The share of members accepted at a point. */
  public double tpr(int point) {
    return counts.tpr(point);
  }

  /** The share of non-members accepted at a point. */
  public double fpr(int point) {
    return counts.fpr(point);
  }

  /**
   * The area under the curve: the probability that a random member scores above a random
   * non-member, a tie counting one half.
   */
  public double auroc() {
    return counts.auroc();
  }
}
