package io.sagitta.attack.metrics;

import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * What is read off a ROC curve, each between 0 and 1.
 *
 * @param auroc area under the curve
 * @param balancedAccuracy {@code (TPR + 1 − FPR) / 2} at the first threshold where
 *     {@code |FPR + TPR − 1|} is least, that is, where both kinds of error are equally frequent
 * @param bestBalancedAccuracy the largest balanced accuracy of any threshold; optimistic, since the
 *     threshold is chosen on the very samples it is measured on
 * @param tprAt1e2 share of members found when at most 1 % of non-members may be accused
 * @param tprAt1e3 the same at 0.1 %
 * @param tprAt1e4 the same at 0.01 %
 */
public record Figures(
    double auroc,
    double balancedAccuracy,
    double bestBalancedAccuracy,
    double tprAt1e2,
    double tprAt1e3,
    double tprAt1e4) {

  /** A figure's name in files, and how to read it. */
  public record Column(String name, ToDoubleFunction<Figures> value) {}

  /** Every figure, in the order of the files' columns. */
  public static final List<Column> COLUMNS =
      List.of(
          new Column("auroc", Figures::auroc),
          new Column("balanced_accuracy", Figures::balancedAccuracy),
          new Column("tpr_at_1e-2", Figures::tprAt1e2),
          new Column("tpr_at_1e-3", Figures::tprAt1e3),
          new Column("tpr_at_1e-4", Figures::tprAt1e4),
          new Column("best_balanced_accuracy", Figures::bestBalancedAccuracy));

  /**
   * TPR is that of the largest acceptance whose FPR does not exceed the target; all points count.
   */
  public static Figures exact(Roc roc) {
    return new Figures(
        roc.auroc(),
        balancedAccuracy(roc, equalErrorPoint(roc)),
        bestBalancedAccuracy(roc),
        tprAtMost(roc, 1e-2),
        tprAtMost(roc, 1e-3),
        tprAtMost(roc, 1e-4));
  }

  /**
   * As the paper's published notebook reads them: on the points that scikit-learn keeps, with TPR
   * interpolated linearly between them, which can claim a TPR that no threshold attains.
   */
  public static Figures published(Roc roc) {
    Roc kept = roc.dropIntermediate();
    return new Figures(
        roc.auroc(),
        balancedAccuracy(kept, equalErrorPoint(kept)),
        bestBalancedAccuracy(roc),
        tprInterpolated(kept, 1e-2),
        tprInterpolated(kept, 1e-3),
        tprInterpolated(kept, 1e-4));
  }

  private static int equalErrorPoint(Roc roc) {
    int best = 0;
    double least = 1;
    for (int p = 1; p < roc.points(); p++) {
      double imbalance = Math.abs(roc.fpr(p) + roc.tpr(p) - 1);
      if (imbalance < least) {
        best = p;
        least = imbalance;
      }
    }
    return best;
  }

  private static double balancedAccuracy(Roc roc, int point) {
    return (roc.tpr(point) + (1 - roc.fpr(point))) / 2;
  }

  /** Compared in integers: {@code TPR − FPR} over a common denominator. */
  private static double bestBalancedAccuracy(Roc roc) {
    long members = roc.members();
    long nonmembers = roc.nonmembers();
    int best = 0;
    long most = 0;
    for (int p = 1; p < roc.points(); p++) {
      long advantage = roc.truePositives(p) * nonmembers - roc.falsePositives(p) * members;
      if (advantage > most) {
        best = p;
        most = advantage;
      }
    }
    return balancedAccuracy(roc, best);
  }

  private static double tprAtMost(Roc roc, double target) {
    return roc.tpr(lastAtMost(roc, target));
  }

  /** NumPy's {@code interp(target, fpr, tpr)}: of several points at one FPR the last counts. */
  private static double tprInterpolated(Roc roc, double target) {
    int p = lastAtMost(roc, target);
    if (p == roc.points() - 1) {
      return roc.tpr(p);
    }
    double slope = (roc.tpr(p + 1) - roc.tpr(p)) / (roc.fpr(p + 1) - roc.fpr(p));
    return slope * (target - roc.fpr(p)) + roc.tpr(p);
  }

  private static int lastAtMost(Roc roc, double target) {
    int point = 0;
    while (point + 1 < roc.points() && roc.fpr(point + 1) <= target) {
      point++;
    }
    return point;
  }
}
