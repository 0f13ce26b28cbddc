package io.sagitta.attack.methods;

import io.sagitta.attack.run.ScoreSet;
import io.sagitta.attack.run.Signal;
import java.util.Arrays;

/**
 * A target's values of a signal on the image as it is, not finite ones left out.
 *
 * @param signal which
 * @param target index of the model
 * @param members ascending
 * @param nonmembers ascending
 */
public record Distribution(Signal signal, int target, double[] members, double[] nonmembers) {
  /** Collects them. */
  static Distribution of(ScoreSet scores, Signal signal, int target) {
    double[] values = scores.values(signal, target, scores.viewOrFirst(ScoreSet.IDENTITY));
    return new Distribution(
        signal,
        target,
        select(scores, target, values, true),
        select(scores, target, values, false));
  }

  private static double[] select(ScoreSet scores, int target, double[] values, boolean member) {
    double[] selected = new double[values.length];
    int n = 0;
    for (int s = 0; s < values.length; s++) {
      if (scores.member(target, s) == member && Double.isFinite(values[s])) {
        selected[n++] = values[s];
      }
    }
    Arrays.sort(selected, 0, n);
    return Arrays.copyOf(selected, n);
  }

  /** The members' median; NaN where there is none. */
  public double memberMedian() {
    return median(members);
  }

  /** The non-members' median; NaN where there is none. */
  public double nonmemberMedian() {
    return median(nonmembers);
  }

  private static double median(double[] sorted) {
    int n = sorted.length;
    return n == 0 ? Double.NaN : (sorted[(n - 1) / 2] + sorted[n / 2]) / 2;
  }
}
