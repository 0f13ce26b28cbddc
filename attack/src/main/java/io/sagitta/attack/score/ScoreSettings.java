package io.sagitta.attack.score;

import io.sagitta.engine.curvature.CurvatureEstimator;
import io.sagitta.engine.curvature.Evaluation;
import io.sagitta.engine.curvature.NoiseFloor;
import io.sagitta.engine.curvature.RandomizedEstimator;
import io.sagitta.engine.curvature.UntilPrecise;
import io.sagitta.kernels.DType;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * How samples are scored.
 *
 * @param h step of the estimators that have one, in normalised pixels
 * @param n trials, probes or products with the Hessian a sample, at most
 * @param seed of the random directions, which are the same for every model
 * @param batch queries, or rows of derivatives, at a time, on a device that does not like more
 * @param evaluation of the zero-order stencils; the others do not look at it
 * @param dtype of the backend's numbers
 * @param relativeError standard error at which a sample's trials stop; 0 for all n of them
 * @param negligible probability of the classes that {@link Estimator#EXACT} takes as one; 0 for none
 */
public record ScoreSettings(
    Estimator estimator, double h, int n, long seed, int batch, Evaluation evaluation,
    DType dtype, double relativeError, double negligible) {
  /** How much smaller the stencil is that shows nothing but rounding. */
  private static final double SHRINKING = 1e-3;

  /** Trials of that stencil. */
  private static final int NOISE_TRIALS = 2;

  /** The step of the published experiments. */
  public static final double DEFAULT_H = 1e-3;

  /** The trials of the published experiments. */
  public static final int DEFAULT_N = 10;

  /** As many trials as random directions have numbers for. */
  public static final int MOST_N = 1 << 23;

  /** A step that leaves every picture far behind, and squares to a float32. */
  public static final double MOST_H = 1e6;

  /** Queries at a time: enough to keep a processor's cores busy, and little memory. */
  public static final int DEFAULT_BATCH = 128;

  /** Float64 queries at a time: eight bytes a number, on the heap. */
  public static final int FLOAT64_BATCH = 32;

  /** Checks. */
  public ScoreSettings {
    create(estimator, h, n, seed, batch, evaluation, relativeError, negligible);
    if (negligible != 0 && estimator != Estimator.EXACT) {
      throw new IllegalArgumentException(
          "score: expected no negligible classes for " + estimator.text()
              + ", which does not go by classes, got " + negligible);
    }
  }

  /** All n trials, all classes. */
  public ScoreSettings(
      Estimator estimator, double h, int n, long seed, int batch, Evaluation evaluation,
      DType dtype) {
    this(estimator, h, n, seed, batch, evaluation, dtype, 0, 0);
  }

  /**
   * The same, but for a sample's trials stopping where its standard error is small enough.
   *
   * @param error at most this part of the score; 0 for all trials
   * @throws IllegalArgumentException if the estimator has no trials, or the error is negative
   */
  public ScoreSettings until(double error) {
    return new ScoreSettings(
        estimator, h, n, seed, batch, evaluation, dtype, error, negligible);
  }

  /**
   * The same, but for classes of so little probability together being taken as one.
   *
   * @throws IllegalArgumentException if the estimator is not the exact one, or the probability is
   *     not in [0, 1)
   */
  public ScoreSettings neglecting(double probability) {
    return new ScoreSettings(
        estimator, h, n, seed, batch, evaluation, dtype, relativeError, probability);
  }

  /** The published zero-order score, by plain queries. */
  public static ScoreSettings zeroOrder(double h, int n, long seed) {
    return new ScoreSettings(
        Estimator.ZO, h, n, seed, DEFAULT_BATCH, Evaluation.plain(), DType.F32);
  }

  /**
   * The same with another batch.
   *
   * @param rows queries, or rows of derivatives, at a time
   */
  public ScoreSettings inBatchesOf(int rows) {
    return new ScoreSettings(
        estimator, h, n, seed, rows, evaluation, dtype, relativeError, negligible);
  }

  /** The estimator with these settings. */
  public CurvatureEstimator create() {
    return create(estimator, h, n, seed, batch, evaluation, relativeError, negligible);
  }

  private static CurvatureEstimator create(
      Estimator estimator, double h, int n, long seed, int batch, Evaluation evaluation,
      double relativeError, double negligible) {
    CurvatureEstimator created =
        estimator.create(h, n, seed, batch, evaluation, negligible);
    if (relativeError == 0) {
      return created;
    }
    if (created instanceof RandomizedEstimator randomized) {
      return new UntilPrecise(randomized, relativeError);
    }
    throw new IllegalArgumentException(
        "score: expected no relative error for " + estimator.text() + ", which has no trials, got "
            + relativeError);
  }

  /** Whether losses are subtracted, so that their rounding is in the score. */
  boolean isNoisy() {
    return estimator.isZeroOrder() && evaluation.isPlain();
  }

  /**
   * What independent errors of this standard deviation in the stencil's losses make of a score. All
   * trials of the trace share the loss in the middle, whose error they do not average out.
   */
  double noiseOf(double lossError) {
    return estimator == Estimator.ZO
        ? Math.sqrt(4) * lossError / (4 * h)
        : Math.sqrt(2.0 / n + 4) * lossError / (h * h);
  }

  /** How to measure what is in a score by plain queries beside curvature. */
  NoiseFloor noiseFloor() {
    double differences = estimator == Estimator.ZO ? SHRINKING : SHRINKING * SHRINKING;
    CurvatureEstimator shrunken =
        estimator.create(h * SHRINKING, Math.min(n, NOISE_TRIALS), seed, batch, evaluation, 0);
    CurvatureEstimator single = estimator.create(h, 1, seed, batch, evaluation, 0);
    return new NoiseFloor(shrunken, differences, single, n);
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
    if (relativeError != 0) {
      metadata.put("relative_error", Double.toString(relativeError));
    }
    if (negligible != 0) {
      metadata.put("negligible", Double.toString(negligible));
    }
    metadata.put("batch", Integer.toString(batch));
    return metadata;
  }
}
