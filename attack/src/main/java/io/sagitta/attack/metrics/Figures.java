package io.sagitta.attack.metrics;

import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * What is {@linkplain Reading read} off a ROC curve, each between 0 and 1.
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

  /** Where there is nothing to read. */
  static final Figures NONE =
      new Figures(Double.NaN, Double.NaN, Double.NaN, Double.NaN, Double.NaN, Double.NaN);

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

  /** The figures of a curve, read {@linkplain Reading#EXACT exactly}. */
  public static Figures exact(Roc roc) {
    return Reading.EXACT.of(roc);
  }

  /** The figures of a curve as the paper's notebook {@linkplain Reading#PUBLISHED reads} them. */
  public static Figures published(Roc roc) {
    return Reading.PUBLISHED.of(roc);
  }
}
