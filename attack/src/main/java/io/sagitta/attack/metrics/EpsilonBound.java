package io.sagitta.attack.metrics;

import org.apache.commons.math3.distribution.BetaDistribution;

/**
 * A lower bound on the ε of (ε, δ)-differential privacy that a model's training can have had, from
 * how well one attack tells its members from its non-members: every test obeys {@code TPR ≤ e^ε FPR
 * + δ} and {@code TNR ≤ e^ε FNR + δ} (Kairouz, Oh, Viswanath 2015), so {@code ε ≥ log((TPR − δ) /
 * FPR)} for the lower bound of TPR and the upper bound of FPR (Jagielski, Ullman, Oprea 2020), and
 * the same with the rates of rejection.
 *
 * <p>The confidence covers the choice of the threshold. Candidates are the scores of rank 1, 2, 4,
 * 8, … among one kind: above the k-th largest non-member score the false-positive rate is at most
 * Clopper and Pearson's upper bound for k − 1 false positives, whatever the scores' distribution,
 * since the rate there follows Beta(k, n − k + 1); the members do not enter that threshold, so
 * their count above it is binomial and has Clopper and Pearson's lower bound. With the k-th
 * smallest member score it is the same for rejections. The level is divided by twice the number of
 * candidates (Bonferroni), so that all bounds hold together and the best may be taken.
 *
 * <p>What it rests on: scores independent between samples. The samples of one target share a
 * model, which may tie them; a bound without that assumption is weaker (Steinke, Nasr, Jagielski
 * 2023).
 *
 * @param epsilon the bound; 0 where nothing is shown
 * @param delta the δ it is for
 * @param confidence with which it holds, such as 0.95
 * @param accusing whether it comes from TPR and FPR, or else from TNR and FNR
 * @param threshold accused are scores above it, or else acquitted are scores below it; NaN where
 *     nothing is shown
 * @param rightAtLeast the lower bound of TPR, or of TNR
 * @param wrongAtMost the upper bound of FPR, or of FNR
 */
public record EpsilonBound(
    double epsilon,
    double delta,
    double confidence,
    boolean accusing,
    double threshold,
    double rightAtLeast,
    double wrongAtMost) {

  /** The confidence unless told. */
  public static final double DEFAULT_CONFIDENCE = 0.95;

  private static final double QUANTILE_ACCURACY = 1e-13;

  /**
   * The bound from a curve.
   *
   * @param delta in [0, 1)
   * @param confidence in (0, 1)
   * @throws IllegalArgumentException when either is not
   */
  public static EpsilonBound of(Roc roc, double delta, double confidence) {
    if (!(delta >= 0 && delta < 1) || !(confidence > 0 && confidence < 1)) {
      throw new IllegalArgumentException(
          "epsilon: expected delta in [0, 1) and confidence in (0, 1), got " + delta + " and "
              + confidence);
    }
    int candidates = ranks(roc.nonmembers()) + ranks(roc.members());
    double level = (1 - confidence) / (2 * candidates);
    EpsilonBound best = new EpsilonBound(0, delta, confidence, true, Double.NaN, 0, 1);
    int point = 0;
    for (long rank = 1; rank <= roc.nonmembers(); rank *= 2) {
      while (roc.falsePositives(point + 1) < rank) {
        point++;
      }
      double right = atLeast(roc.truePositives(point), roc.members(), level);
      double wrong = atMost(rank - 1, roc.nonmembers(), level);
      best = best.orBetter(right, wrong, true, roc.threshold(point + 1));
    }
    point = roc.points() - 1;
    for (long rank = 1; rank <= roc.members(); rank *= 2) {
      while (roc.members() - roc.truePositives(point - 1) < rank) {
        point--;
      }
      long rejected = roc.nonmembers() - roc.falsePositives(point);
      double right = atLeast(rejected, roc.nonmembers(), level);
      double wrong = atMost(rank - 1, roc.members(), level);
      best = best.orBetter(right, wrong, false, roc.threshold(point));
    }
    return best;
  }

  /** How many powers of two there are up to n. */
  private static int ranks(long n) {
    return 64 - Long.numberOfLeadingZeros(n);
  }

  private EpsilonBound orBetter(double right, double wrong, boolean accuses, double at) {
    double bound = Math.log((right - delta) / wrong);
    return bound > epsilon
        ? new EpsilonBound(bound, delta, confidence, accuses, at, right, wrong)
        : this;
  }

  /** The lower bound of a rate at a level, of {@code hits} in {@code trials}. */
  static double atLeast(long hits, long trials, double level) {
    return hits == 0 ? 0 : quantile(hits, trials - hits + 1.0, level);
  }

  /** The upper bound of a rate at a level, of {@code hits} in {@code trials}. */
  static double atMost(long hits, long trials, double level) {
    return hits == trials ? 1 : quantile(hits + 1.0, (double) trials - hits, 1 - level);
  }

  private static double quantile(double alpha, double beta, double at) {
    return new BetaDistribution(null, alpha, beta, QUANTILE_ACCURACY)
        .inverseCumulativeProbability(at);
  }
}
