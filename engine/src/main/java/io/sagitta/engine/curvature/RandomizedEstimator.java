package io.sagitta.engine.curvature;

import io.sagitta.kernels.Backend;

/** An estimator whose result is the mean over independent random trials. */
public interface RandomizedEstimator extends CurvatureEstimator {
  /** Trials a sample. */
  int n();

  /**
   * Some of the trials. The trial of a number is the same whichever others are asked.
   *
   * @param first number of the first
   * @param count how many, of each sample
   */
  Trials trials(Logits network, Backend backend, Samples samples, int first, int count);

  @Override
  default Estimate estimate(Logits network, Backend backend, Samples samples) {
    Trials all = trials(network, backend, samples, 0, n());
    return Estimate.of(all.base(), all.values());
  }
}
