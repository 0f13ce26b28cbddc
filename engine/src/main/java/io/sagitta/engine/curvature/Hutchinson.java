package io.sagitta.engine.curvature;

import io.sagitta.engine.Autodiff;
import io.sagitta.engine.Shape;
import io.sagitta.engine.Tensor;
import io.sagitta.engine.ops.CrossEntropy;
import io.sagitta.kernels.Backend;
import io.sagitta.kernels.Scope;

/**
 * The trace of the input Hessian by random probes (Hutchinson, "A Stochastic Estimator of the
 * Trace of the Influence Matrix", 1990): tr H = E[vᵀHv] for v with independent signs, the mean of n
 * probes vᵀ(Hv) with Hv by forward over reverse differentiation. Unbiased; its variance is twice
 * the sum of the squared elements off the diagonal, over n.
 *
 * <p>In a rectified network this is the trace almost everywhere, kinks left out. The probes are
 * {@code Philox(seed).rademacher} of the stream {@code (9, id·2^24 + 2·trial)}.
 *
 * @param n probes a sample
 * @param seed of the probes
 * @param batch products at a time; changes results by no more than rounding
 */
public record Hutchinson(int n, long seed, int batch) implements CurvatureEstimator {
  /** Checks. */
  public Hutchinson {
    Directions.checkTrials("hutchinson", n, batch, 1);
  }

  @Override
  @SuppressWarnings("try") // an open scope is used by the operations inside it
  public Estimate estimate(Logits network, Backend backend, Samples samples) {
    int trials = Math.multiplyExact(samples.count(), n);
    double[] products = new double[trials];
    try (Scope scope = Scope.open()) {
      Tensor x = samples.upload(backend);
      Estimate.Base base = Estimate.Base.query(network, x, samples.labels(), batch);
      for (int first = 0; first < trials; first += batch) {
        probe(network, x, samples, first, Math.min(batch, trials - first), products);
      }
      return Estimate.of(base, products);
    }
  }

  /** vᵀHv for {@code rows} probes at once: the summed loss has a Hessian of one block a row. */
  @SuppressWarnings("try") // an open scope is used by the operations inside it
  private void probe(
      Logits network, Tensor x, Samples samples, int first, int rows, double[] products) {
    int[] owners = Samples.owners(first, rows, n);
    int[] labels = new int[rows];
    for (int row = 0; row < rows; row++) {
      labels[row] = samples.labels()[owners[row]];
    }
    try (Scope scope = Scope.open()) {
      Tensor points = Samples.rows(x, owners);
      Tensor v =
          new Directions(Directions.HUTCHINSON, seed).of(
              x.backend(), samples, owners, first, n, 0);
      Tensor product =
          Autodiff.hvp(
                  z -> CrossEntropy.crossEntropy(network.logits(z), labels).sum(), points, v)
              .product();
      Tensor perRow = product.mul(v).reshape(Shape.of(rows, samples.elements())).sum(1);
      System.arraycopy(perRow.toDoubles(), 0, products, first, rows);
    }
  }
}
