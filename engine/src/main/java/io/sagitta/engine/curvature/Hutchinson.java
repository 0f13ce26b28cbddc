package io.sagitta.engine.curvature;

import io.sagitta.engine.Autodiff;
import io.sagitta.engine.DenseTensor;
import io.sagitta.engine.Shape;
import io.sagitta.engine.Tensor;
import io.sagitta.engine.ops.CrossEntropy;
import io.sagitta.kernels.Backend;
import io.sagitta.kernels.Scope;

/**
 * The trace of the input Hessian by random probes (Hutchinson, "A Stochastic Estimator of the
 * Trace of the Influence Matrix", 1990): tr H = E[vᵀHv] for v with independent signs, the mean of n
 * probes vᵀHv. Unbiased; its variance is twice the sum of the squared elements off the diagonal, over
 * n.
 *
 * <p>Where the network is piecewise linear, H = Jᵀ(diag(p) − ppᵀ)J almost everywhere, so that vᵀHv is
 * the variance of Jv under p: a probe is one tangent row on a base pass that all probes share, and
 * kinks are left out. Elsewhere Hv comes from forward over reverse differentiation. The probes are
 * {@code Philox(seed).rademacher} of the stream {@code (9, id·2^24 + 2·trial)}.
 *
 * @param n probes a sample
 * @param seed of the probes
 * @param batch rows at a time; changes results by no more than rounding
 */
public record Hutchinson(int n, long seed, int batch) implements CurvatureEstimator {
  /** Checks. */
  public Hutchinson {
    Directions.checkTrials("hutchinson", n, batch, 1);
  }

  @Override
  @SuppressWarnings("try") // an open scope is used by the operations inside it
  public Estimate estimate(Logits network, Backend backend, Samples samples) {
    Directions directions = new Directions(Directions.HUTCHINSON, seed);
    return new PlannedTrials(network, backend, samples, n, batch)
        .derivatives(
            (plan, rows) -> {
              try (Scope scope = Scope.open()) {
                DenseTensor v = directions.of(backend, samples, rows, 0);
                return plan.isPiecewiseLinear()
                    ? variances(plan.jvp(v).toDoubles(), rows)
                    : forms(network, rows, v);
              }
            });
  }

  /** Σ p·(t − Σ p·t)² of each row of t = Jv. */
  private static double[] variances(double[] t, PlannedTrials.Rows rows) {
    double[] p = new double[rows.classes()];
    double[] variances = new double[rows.labels().length];
    for (int row = 0; row < variances.length; row++) {
      LossDifferences.softmax(rows.logits(), row, p);
      double mean = 0;
      for (int k = 0; k < p.length; k++) {
        mean += p[k] * t[row * p.length + k];
      }
      for (int k = 0; k < p.length; k++) {
        double apart = t[row * p.length + k] - mean;
        variances[row] += p[k] * apart * apart;
      }
    }
    return variances;
  }

  /** vᵀHv of each row: the summed loss has a Hessian of one block a row. */
  private static double[] forms(Logits network, PlannedTrials.Rows rows, DenseTensor v) {
    Tensor product =
        Autodiff.hvp(
                z -> CrossEntropy.crossEntropy(network.logits(z), rows.labels()).sum(),
                rows.points(), v)
            .product();
    int count = rows.labels().length;
    int elements = Math.toIntExact(v.shape().elements() / count);
    return product.mul(v).reshape(Shape.of(count, elements)).sum(1).toDoubles();
  }
}
