package io.sagitta.attack.score;

import io.sagitta.engine.curvature.CurvatureEstimator;
import io.sagitta.engine.curvature.Evaluation;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * How samples are scored.
 *
 * @param h step of the estimators that have one, in normalised pixels
 * @param n trials or probes a sample
 * @param seed of the random directions, which are the same for every model
 * @param batch queries, or rows of derivatives, at a time
 * @param evaluation of the zero-order stencils; the others do not look at it
 */
public record ScoreSettings(
    Estimator estimator, double h, int n, long seed, int batch, Evaluation evaluation) {
  /** The step of the published experiments. */
  public static final double DEFAULT_H = 1e-3;

  /** The trials of the published experiments. */
  public static final int DEFAULT_N = 10;

  /** Queries at a time: enough to keep a processor's cores busy, and little memory. */
  public static final int DEFAULT_BATCH = 128;

  /** Checks. */
  public ScoreSettings {
    estimator.create(h, n, seed, batch, evaluation);
  }

  /** The published zero-order score, by plain queries. */
  public static ScoreSettings zeroOrder(double h, int n, long seed) {
    return new ScoreSettings(Estimator.ZO, h, n, seed, DEFAULT_BATCH, Evaluation.plain());
  }

  /** The estimator with these settings. */
  CurvatureEstimator create() {
    return estimator.create(h, n, seed, batch, evaluation);
  }

  /** The fields that results depend on, as text. */
  public Map<String, String> metadata() {
    Map<String, String> metadata = new LinkedHashMap<>();
    metadata.put("estimator", estimator.text());
    if (estimator.isZeroOrder()) {
      metadata.put("evaluation", evaluation.text());
    }
    if (estimator.hasStep()) {
      metadata.put("h", Double.toString(h));
    }
    if (estimator != Estimator.EXACT) {
      metadata.put("n", Integer.toString(n));
      metadata.put("seed", Long.toString(seed));
    }
    metadata.put("batch", Integer.toString(batch));
    return metadata;
  }
}
