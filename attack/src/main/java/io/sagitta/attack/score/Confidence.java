package io.sagitta.attack.score;

import io.sagitta.engine.curvature.Margin;

/** What a row of logits says of a sample beside its loss, in float64. */
final class Confidence {
  private Confidence() {}

  /** The largest probability. */
  static double greatest(double[] logits, int row, int classes) {
    return Margin.probability(Margin.of(logits, row, classes, likeliest(logits, row, classes)));
  }

  /**
   * The modified entropy −(1 − p_y) log p_y − Σ_{k≠y} p_k log(1 − p_k) in nats: Song and Mittal,
   * "Systematic Evaluation of Privacy Risks of Machine Learning Models" (USENIX Security 2021),
   * equation 7. Only the likeliest class can have a 1 − p_k that is lost in rounding, so its
   * logarithm alone is taken from the sum over the others.
   */
  static double modifiedEntropy(double[] logits, int row, int classes, int label) {
    int likeliest = likeliest(logits, row, classes);
    double greatest = Margin.of(logits, row, classes, likeliest);
    double own = Margin.of(logits, row, classes, label);
    double entropy = Margin.probability(-own) * Margin.loss(own);
    if (likeliest != label) {
      entropy += Margin.probability(greatest) * Margin.loss(-greatest);
    }
    double top = logits[row * classes + likeliest];
    double ofTop = -Margin.loss(greatest);
    for (int k = 0; k < classes; k++) {
      if (k != label && k != likeliest) {
        double p = Math.exp(logits[row * classes + k] - top + ofTop);
        entropy -= p * Math.log1p(-p);
      }
    }
    return entropy;
  }

  private static int likeliest(double[] logits, int row, int classes) {
    int from = row * classes;
    int best = 0;
    for (int k = 1; k < classes; k++) {
      best = logits[from + k] > logits[from + best] ? k : best;
    }
    return best;
  }
}
