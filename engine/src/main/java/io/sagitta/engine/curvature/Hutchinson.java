package io.sagitta.engine.curvature;

import io.sagitta.kernels.Backend;

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
public record Hutchinson(int n, long seed, int batch) implements RandomizedEstimator {
  /** Checks. */
  public Hutchinson {
    Directions.checkTrials("hutchinson", n, batch, 1);
  }

  @Override
  public Trials trials(
      Logits network, Backend backend, Samples samples, int first, int count) {
    Directions directions = new Directions(Directions.HUTCHINSON, seed);
    return new PlannedTrials(network, backend, samples, first, count, batch)
        .derivatives(
            (plan, rows) ->
                HessianProducts.on(network, plan, rows).forms(directions.along(samples, rows, 1)));
  }
}
