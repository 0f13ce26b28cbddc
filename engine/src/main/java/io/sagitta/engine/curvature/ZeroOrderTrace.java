package io.sagitta.engine.curvature;

import io.sagitta.engine.Plan;
import io.sagitta.engine.RandomDirection;
import io.sagitta.engine.Tensor;
import io.sagitta.kernels.Backend;
import io.sagitta.kernels.Scope;
import java.util.List;

/**
 * The trace of the input Hessian from losses alone, (1/n) Σ (ℓ(x+hv) + ℓ(x−hv) − 2ℓ(x))/h² with v in
 * {−1, +1}^D: on a smooth loss, Hutchinson's estimator but for O(h²). In a rectified network it
 * counts the kinks that lie within a step too, which a derivative does not see. The directions are
 * {@link Hutchinson}'s of the same seed.
 *
 * @param h the step, in units of the network's input
 * @param n trials a sample
 * @param seed of the directions
 * @param batch query points or stream rows at a time; changes results by no more than the rounding
 *     of the logits
 * @param evaluation of the stencil
 */
public record ZeroOrderTrace(double h, int n, long seed, int batch, Evaluation evaluation)
    implements RandomizedEstimator {
  /** Points of the stencil beside the sample, and streams of a difference. */
  private static final int ROWS = 2;

  /** Checks. */
  public ZeroOrderTrace {
    Directions.checkStep("zo-trace", h);
    Directions.checkTrials("zo-trace", n, batch, ROWS);
  }

  @Override
  public Trials trials(
      Logits network, Backend backend, Samples samples, int first, int count) {
    evaluation.check("zo-trace", backend);
    return evaluation.isPlain()
        ? plain(network, backend, samples, first, count)
        : new PlannedTrials(network, backend, samples, first, count, batch / ROWS)
            .stencils((plan, rows) -> streams(plan, samples, rows));
  }

  private double[] streams(Plan plan, Samples samples, PlannedTrials.Rows rows) {
    RandomDirection d = new Directions(Directions.HUTCHINSON, seed).along(samples, rows, h);
    double[] traces = LossDifferences.second(plan, d, evaluation.rows(), rows);
    for (int row = 0; row < traces.length; row++) {
      traces[row] /= h * h;
    }
    return traces;
  }

  @SuppressWarnings("try") // an open scope is used by the operations inside it
  private Trials plain(
      Logits network, Backend backend, Samples samples, int firstTrial, int each) {
    int trials = Math.multiplyExact(samples.count(), each);
    double[] traces = new double[trials];
    int rows = batch / ROWS;
    try (Scope scope = Scope.open()) {
      Tensor x = samples.upload(backend);
      Estimate.Base base = Estimate.Base.query(network, x, samples.labels(), batch);
      for (int first = 0; first < trials; first += rows) {
        int count = Math.min(rows, trials - first);
        int[] owners = Samples.owners(first, count, each);
        try (Scope round = Scope.open()) {
          Tensor d = steps(backend, samples, owners, Samples.trials(first, count, each, firstTrial));
          double[] losses =
              PlainQueries.losses(
                  network, Samples.rows(x, owners), List.of(d, d.mul(-1)),
                  samples.labelsOf(owners));
          for (int row = 0; row < count; row++) {
            double centre = base.loss()[owners[row]];
            traces[first + row] =
                (losses[row] - centre + (losses[row + count] - centre)) / (h * h);
          }
        }
      }
      return Trials.of(base, traces);
    }
  }

  private Tensor steps(Backend backend, Samples samples, int[] owners, int[] trials) {
    return new Directions(Directions.HUTCHINSON, seed)
        .of(backend, samples, owners, trials, 0)
        .mul(h);
  }
}
