package io.sagitta.attack.theory;

/**
 * How well any attack can do when the divergence of members' scores from non-members' is bounded.
 * All {@link Status#DERIVED} or textbook inequalities; they presuppose nothing of the training.
 */
public final class Divergence {
  private Divergence() {}

  /** Total variation is at most {@code √(KL/2)} (Pinsker); says nothing from KL = 2 on. */
  public static double pinsker(double kl) {
    Checks.atLeastZero("KL", kl);
    return Math.min(1, Math.sqrt(kl / 2));
  }

  /**
   * Total variation is at most {@code √(1 − e^−KL)} (Bretagnolle and Huber 1979): weaker than
   * {@link #pinsker} below KL = 1.59, tighter above, and always below 1.
   */
  public static double bretagnolleHuber(double kl) {
    Checks.atLeastZero("KL", kl);
    return Math.sqrt(-Math.expm1(-kl));
  }

  /** The lesser of {@link #pinsker} and {@link #bretagnolleHuber}. */
  public static double totalVariation(double kl) {
    return Math.min(pinsker(kl), bretagnolleHuber(kl));
  }

  /**
   * Area under the ROC: at most {@code ½ + TV − TV²/2}, the area under {@code TPR = min(1, FPR +
   * TV)}.
   */
  public static double auroc(double totalVariation) {
    Checks.share("TV", totalVariation);
    return 0.5 + totalVariation - totalVariation * totalVariation / 2;
  }

  /** The same from a divergence, by the better inequality. */
  public static double aurocOfKl(double kl) {
    return auroc(totalVariation(kl));
  }
}
