package io.sagitta.attack.score;

import io.sagitta.engine.curvature.CurvatureEstimator;
import io.sagitta.engine.curvature.Evaluation;
import io.sagitta.kernels.DType;
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
 * @param dtype of the backend's numbers
 */
public record ScoreSettings(
    Estimator estimator, double h, int n, long seed, int batch, Evaluation evaluation,
    DType dtype) {
  /** How much smaller the stencil is that shows nothing but rounding. */
  private static final double SHRINKING = 1e-3;

  /** Trials of that stencil. */
  private static final int NOISE_TRIALS = 2;

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
    return new ScoreSettings(
        Estimator.ZO, h, n, seed, DEFAULT_BATCH, Evaluation.plain(), DType.F32);
  }

  /** The estimator with these settings. */
  CurvatureEstimator create() {
    return estimator.create(h, n, seed, batch, evaluation);
  }

  /** Whether losses are subtracted, so that their rounding is in the score. */
  boolean isNoisy() {
    return estimator.isZeroOrder() && evaluation.isPlain();
  }

  /**
   * The same on a stencil so small that the loss hardly varies over it: what is measured there is
   * noise.
   */
  ScoreSettings shrunken() {
    return new ScoreSettings(
        estimator, h * SHRINKING, Math.min(n, NOISE_TRIALS), seed, batch, evaluation, dtype);
  }

  /** What a score on the shrunken stencil comes to on this one. */
  double noiseFloor(double shrunkenScore) {
    double differences = estimator == Estimator.ZO ? SHRINKING : SHRINKING * SHRINKING;
    return Math.abs(shrunkenScore) * differences;
  }

  /** The fields that results depend on, as text. */
  public Map<String, String> metadata() {
    Map<String, String> metadata = new LinkedHashMap<>();
    metadata.put("estimator", estimator.text());
    if (estimator.isZeroOrder()) {
      metadata.put("evaluation", evaluation.text());
    }
    metadata.put("arithmetic", dtype == DType.F64 ? "float64" : "float32");
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
