package io.sagitta.attack.score;

import io.sagitta.engine.curvature.CurvatureEstimator;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * How samples are scored.
 *
 * @param h step of the zero-order stencil, in normalised pixels; the other estimator has none
 * @param n trials or probes a sample
 * @param seed of the random directions, which are the same for every model
 * @param batch queries, or Hessian products, at a time
 */
public record ScoreSettings(Estimator estimator, double h, int n, long seed, int batch) {
  /** The step of the published experiments. */
  public static final double DEFAULT_H = 1e-3;

  /** The trials of the published experiments. */
  public static final int DEFAULT_N = 10;

  /** Queries at a time: enough to keep a processor's cores busy, and little memory. */
  public static final int DEFAULT_BATCH = 128;

  /** Checks. */
  public ScoreSettings {
    estimator.create(h, n, seed, batch);
  }

  /** The published zero-order score. */
  public static ScoreSettings zeroOrder(double h, int n, long seed) {
    return new ScoreSettings(Estimator.ZO, h, n, seed, DEFAULT_BATCH);
  }

  /** The estimator with these settings. */
  CurvatureEstimator create() {
    return estimator.create(h, n, seed, batch);
  }

  /** The fields that results depend on, as text. */
  public Map<String, String> metadata() {
    Map<String, String> metadata = new LinkedHashMap<>();
    metadata.put("estimator", estimator.text());
    if (estimator == Estimator.ZO) {
      metadata.put("h", Double.toString(h));
    }
    metadata.put("n", Integer.toString(n));
    metadata.put("seed", Long.toString(seed));
    metadata.put("batch", Integer.toString(batch));
    return metadata;
  }
}
