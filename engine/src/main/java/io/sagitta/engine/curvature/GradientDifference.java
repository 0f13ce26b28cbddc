package io.sagitta.engine.curvature;

import io.sagitta.engine.DenseTensor;
import io.sagitta.engine.Plan;
import io.sagitta.engine.Tensor;
import io.sagitta.kernels.Backend;
import io.sagitta.kernels.Scope;

/**
 * The curvature of Garg, Ravikumar and Roy, "Memorization Through the Lens of Curvature of Loss
 * Function Around Samples" (ICML 2024): (1/n) Σ ‖∇ℓ(x+hv) − ∇ℓ(x)‖₂/h with v in {−1, +1}^D, which is
 * about E‖Hv‖; or, {@code squared}, the mean of the squares, which estimates tr H². Gradients are
 * subtracted in float64, but computed in the backend's precision, so that h must not be too small.
 *
 * @param h the step, in units of the network's input
 * @param n trials a sample
 * @param seed of the directions, {@code Philox(seed).rademacher} of the stream {@code (10, id·2^24 +
 *     2·trial)}
 * @param batch rows at a time; changes results by no more than rounding
 * @param squared whether to average the squares
 */
public record GradientDifference(double h, int n, long seed, int batch, boolean squared)
    implements RandomizedEstimator {
  /** Checks. */
  public GradientDifference {
    Directions.checkStep("gradient-norm", h);
    Directions.checkTrials("gradient-norm", n, batch, 1);
  }

  @Override
  @SuppressWarnings("try") // an open scope is used by the operations inside it
  public Trials trials(
      Logits network, Backend backend, Samples samples, int first, int count) {
    Directions directions = new Directions(Directions.GRADIENT_DIFFERENCE, seed);
    double[][] atSamples = new double[1][];
    return new PlannedTrials(network, backend, samples, first, count, batch)
        .derivatives(
            (plan, rows) -> {
              if (rows.trials()[0] == first) {
                atSamples[0] = gradients(plan, rows.logits(), rows);
              }
              try (Scope scope = Scope.open()) {
                Tensor step = directions.of(backend, samples, rows, 0).mul(h);
                DenseTensor shifted = rows.points().add(step).value();
                double[] logits = plan.base(shifted).toDoubles();
                return norms(gradients(plan, logits, rows), atSamples[0], rows.labels().length);
              }
            });
  }

  /** ∇ℓ = Jᵀ(p − e_y) of each row, at the plan's base point. */
  @SuppressWarnings("try") // an open scope is used by the operations inside it
  private static double[] gradients(Plan plan, double[] logits, PlannedTrials.Rows rows) {
    int classes = rows.classes();
    double[] seeds = new double[logits.length];
    double[] p = new double[classes];
    for (int row = 0; row < rows.labels().length; row++) {
      LossDifferences.softmax(logits, row, p);
      p[rows.labels()[row]] -= 1;
      System.arraycopy(p, 0, seeds, row * classes, classes);
    }
    try (Scope scope = Scope.open()) {
      return plan.vjp(ExactCurvature.seeds(plan.backend(), seeds, classes)).toDoubles();
    }
  }

  private double[] norms(double[] gradients, double[] atSamples, int rows) {
    double[] norms = new double[rows];
    int elements = gradients.length / rows;
    for (int row = 0; row < rows; row++) {
      double squares = 0;
      for (int i = row * elements; i < (row + 1) * elements; i++) {
        double difference = (gradients[i] - atSamples[i]) / h;
        squares += difference * difference;
      }
      norms[row] = squared ? squares : Math.sqrt(squares);
    }
    return norms;
  }
}
