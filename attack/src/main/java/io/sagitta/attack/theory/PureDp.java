package io.sagitta.attack.theory;

/**
 * What ε-differential privacy alone promises about the outputs of two trainings whose data differ
 * in one sample: their densities' ratio lies in [e^−ε, e^ε]. Randomised response attains the {@link
 * Status#DERIVED} ones.
 */
public final class PureDp {
  private PureDp() {}

  /**
   * Memorisation of a sample (Feldman 2020): how much more probable its label is with the sample in
   * the training set than without. At most {@code 1 − e^−ε}.
   *
   * <p>Presupposes: training is ε-DP. {@link Status#VERBATIM}, ICML 2024.
   */
  public static double memorisation(double epsilon) {
    Checks.atLeastZero("epsilon", epsilon);
    return -Math.expm1(-epsilon);
  }

  /**
   * Uniform stability β: how far one sample moves the expected loss of any other. At most {@code L
   * (1 − e^−ε)}.
   *
   * <p>Presupposes: training is ε-DP, the loss lies in [0, L]. {@link Status#VERBATIM}, ICML 2024.
   */
  public static double stability(double loss, double epsilon) {
    Checks.above("L", 0, loss);
    return loss * memorisation(epsilon);
  }

  /**
   * KL divergence of the scores of training samples from those of test samples, in nats: at most
   * {@code ε}. Theorem 4.1, NeurIPS 2024.
   *
   * <p>Presupposes: scores are functions of the output of ε-DP training. {@link
   * Status#RECONSTRUCTED}: the log ratio is at most ε everywhere, so is its mean.
   */
  public static double kl(double epsilon) {
    Checks.atLeastZero("epsilon", epsilon);
    return epsilon;
  }

  /**
   * The greatest KL divergence that pure ε-DP allows: {@code ε tanh(ε/2)}, attained by randomised
   * response.
   *
   * <p>Presupposes: as {@link #kl}. {@link Status#DERIVED}: divergence is convex in the likelihood
   * ratio, so it is greatest where the ratio takes its two extreme values only.
   */
  public static double tightKl(double epsilon) {
    return kl(epsilon) * totalVariation(epsilon);
  }

  /**
   * Total variation: at most {@code tanh(ε/2) = (e^ε − 1)/(e^ε + 1)}, which is the greatest TPR −
   * FPR of any attack.
   *
   * <p>Presupposes: as {@link #kl}. {@link Status#DERIVED}, from {@code TPR ≤ e^ε FPR} and {@code
   * 1 − FPR ≤ e^ε (1 − TPR)}.
   */
  public static double totalVariation(double epsilon) {
    Checks.atLeastZero("epsilon", epsilon);
    return Math.tanh(epsilon / 2);
  }

  /**
   * Area under any attack's ROC: at most {@code e^ε/(1 + e^ε)}.
   *
   * <p>Presupposes: as {@link #kl}, and members and non-members that differ in nothing else. {@link
   * Status#DERIVED}: the area under the two lines of {@link #totalVariation}.
   */
  public static double auroc(double epsilon) {
    Checks.atLeastZero("epsilon", epsilon);
    return 1 / (1 + Math.exp(-epsilon));
  }

  /**
   * The same for (ε, δ)-DP, as DP-SGD gives it. The region of Kairouz, Oh and Viswanath (2015) has
   * the corners (0, δ), (a, 1 − a), (1 − δ, 1) with {@code a = (1 − δ)/(1 + e^ε)}.
   *
   * <p>Presupposes: (ε, δ)-DP. {@link Status#DERIVED}: the area under these corners.
   */
  public static double auroc(double epsilon, double delta) {
    Checks.share("delta", delta);
    double a = (1 - delta) * (1 - auroc(epsilon));
    return a * (delta + 1 - a) / 2 + (1 - delta - a) * (2 - a) / 2 + delta;
  }
}
