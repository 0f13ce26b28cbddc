package io.sagitta.engine.curvature;

import io.sagitta.engine.Tensor;

/** A network as the estimators see it. */
@FunctionalInterface
public interface Logits {
  /**
   * The logits, each row a function of the same row of x alone.
   *
   * @param x samples, [N, …]
   * @return [N, K], differentiable in x where the estimator asks for derivatives
   */
  Tensor logits(Tensor x);
}
