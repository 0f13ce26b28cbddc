package io.sagitta.engine.curvature;

/**
 * The margin of the true class y over the others together, z = f_y − log Σ_{k≠y} exp f_k = log p_y
 * − log(1 − p_y), and what follows from it. Computed in float64 from the logits, so that losses
 * near zero and probabilities near one keep their digits.
 */
public final class Margin {
  private Margin() {}

  /**
   * The margin of one row of logits.
   *
   * @param logits [N, K]
   * @param row which of the N
   * @param classes K, at least 2
   */
  public static double of(double[] logits, int row, int classes, int label) {
    int from = row * classes;
    double greatest = Double.NEGATIVE_INFINITY;
    for (int k = 0; k < classes; k++) {
      greatest = k == label ? greatest : Math.max(greatest, logits[from + k]);
    }
    double sum = 0;
    for (int k = 0; k < classes; k++) {
      sum += k == label ? 0 : Math.exp(logits[from + k] - greatest);
    }
    return logits[from + label] - greatest - Math.log(sum);
  }

  /** The loss −log p_y = log(1 + e^−z). */
  public static double loss(double margin) {
    return margin > 0 ? Math.log1p(Math.exp(-margin)) : Math.log1p(Math.exp(margin)) - margin;
  }

  /** The probability p_y = 1/(1 + e^−z). */
  public static double probability(double margin) {
    return 1 / (1 + Math.exp(-margin));
  }
}
