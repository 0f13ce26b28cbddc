package io.sagitta.engine.curvature;

import io.sagitta.kernels.Backend;

/**
 * A way to put the curvature of a sample's loss ℓ(x, y) = logsumexp(f(x)) − f(x)_y in its input x,
 * the Hessian H = ∇²ₓℓ, into one number.
 */
public interface CurvatureEstimator {
  /**
   * The curvature of each sample, with what the network says of it.
   *
   * @param backend where the network computes
   */
  Estimate estimate(Logits network, Backend backend, Samples samples);
}
