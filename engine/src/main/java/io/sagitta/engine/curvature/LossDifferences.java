package io.sagitta.engine.curvature;

import io.sagitta.engine.DenseTensor;
import io.sagitta.engine.Plan;
import io.sagitta.engine.Stencil;
import io.sagitta.kernels.Precision;
import io.sagitta.kernels.Scope;

/** Differences and derivatives of the loss in float64, from logits and how they change. */
final class LossDifferences {
  private LossDifferences() {}

  /**
   * ℓ(x+d) + ℓ(x−d) − 2ℓ(x) of each row: with o and e the odd and even differences of the logits
   * and p = softmax of them at x, log Σ p·exp(e/2 + o) + log Σ p·exp(e/2 − o) − e_y, where each
   * logarithm is log1p(Σ p·expm1(·)), so that nothing cancels.
   */
  @SuppressWarnings("try") // an open scope is used by the operations inside it
  static double[] second(
      Plan plan, DenseTensor d, Precision precision, PlannedTrials.Rows rows) {
    double[] odd;
    double[] even;
    try (Scope scope = Scope.open()) {
      Stencil stencil = plan.stencil(d, precision);
      odd = stencil.odd().toDoubles();
      even = stencil.even().toDoubles();
    }
    int classes = rows.classes();
    double[] p = new double[classes];
    double[] differences = new double[rows.labels().length];
    for (int row = 0; row < differences.length; row++) {
      softmax(rows.logits(), row, p);
      double above = 0;
      double below = 0;
      for (int k = 0; k < classes; k++) {
        double half = even[row * classes + k] / 2;
        above += p[k] * Math.expm1(half + odd[row * classes + k]);
        below += p[k] * Math.expm1(half - odd[row * classes + k]);
      }
      differences[row] =
          Math.log1p(above) + Math.log1p(below) - even[row * classes + rows.labels()[row]];
    }
    return differences;
  }

  /** p = softmax of a row of logits; its length is the number of classes. */
  static void softmax(double[] logits, int row, double[] p) {
    int from = row * p.length;
    double greatest = Double.NEGATIVE_INFINITY;
    for (int k = 0; k < p.length; k++) {
      greatest = Math.max(greatest, logits[from + k]);
    }
    double sum = 0;
    for (int k = 0; k < p.length; k++) {
      p[k] = Math.exp(logits[from + k] - greatest);
      sum += p[k];
    }
    for (int k = 0; k < p.length; k++) {
      p[k] /= sum;
    }
  }
}
