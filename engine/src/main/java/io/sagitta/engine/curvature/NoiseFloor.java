package io.sagitta.engine.curvature;

import io.sagitta.kernels.Backend;
import java.util.Arrays;

/**
 * What is in a zero-order score beside curvature, measured by queries alone: the greater of
 *
 * <ul>
 *   <li>the score on a stencil so small that the loss hardly varies over it, scaled as rounding
 *       scales: what the answers' last digits do;
 *   <li>what asking one trial's queries again, the samples in the opposite order, changes: what a
 *       network does that does not answer a question twice alike, or not alike in other company.
 * </ul>
 *
 * @param shrunken the estimator on the small stencil
 * @param scale what a score there comes to on the true one
 * @param single the estimator with one trial
 * @param n trials of the score whose noise is asked for
 */
public record NoiseFloor(
    CurvatureEstimator shrunken, double scale, CurvatureEstimator single, int n) {
  /** The noise of each sample's score. */
  public double[] measure(Logits network, Backend backend, Samples samples) {
    int count = samples.count();
    int[] backwards = new int[count];
    Arrays.setAll(backwards, i -> count - 1 - i);
    double[] small = shrunken.estimate(network, backend, samples).curvature();
    double[] once = single.estimate(network, backend, samples).curvature();
    double[] again = single.estimate(network, backend, samples.only(backwards)).curvature();
    double[] floors = new double[count];
    for (int s = 0; s < count; s++) {
      // The difference of two trials has the variance of two, the mean of n the nth part of one's.
      double change = Math.abs(once[s] - again[count - 1 - s]) / Math.sqrt(2.0 * n);
      floors[s] = Math.max(scale * Math.abs(small[s]), change);
    }
    return floors;
  }
}
