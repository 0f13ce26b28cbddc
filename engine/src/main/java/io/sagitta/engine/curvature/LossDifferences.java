package io.sagitta.engine.curvature;

import io.sagitta.engine.DenseTensor;
import io.sagitta.engine.Plan;
import io.sagitta.engine.RandomDirection;
import io.sagitta.engine.Shape;
import io.sagitta.engine.Stencil;
import io.sagitta.kernels.Backend;
import io.sagitta.kernels.Precision;
import io.sagitta.kernels.Scope;

/** Differences and derivatives of the loss in float64, from logits and how they change. */
final class LossDifferences {
  private LossDifferences() {}

  /** ℓ(x+d) + ℓ(x−d) − 2ℓ(x) of each row, by {@link Backend#stencilCrossEntropy}. */
  @SuppressWarnings("try") // an open scope is used by the operations inside it
  static double[] second(
      Plan plan, RandomDirection d, Precision precision, PlannedTrials.Rows rows) {
    int count = rows.owners().length;
    try (Scope scope = Scope.open()) {
      Stencil stencil = plan.stencil(d, precision);
      DenseTensor pairs = DenseTensor.allocate(plan.backend(), Shape.of(count, 2));
      plan.backend()
          .stencilCrossEntropy(
              rows.base().buffer(), stencil.odd().value().buffer(),
              stencil.even().value().buffer(), rows.classesOf().buffer(), pairs.buffer(), count,
              rows.classes());
      double[] parts = pairs.toDoubles();
      double[] differences = new double[count];
      for (int row = 0; row < count; row++) {
        differences[row] = parts[2 * row] + parts[2 * row + 1];
      }
      return differences;
    }
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
