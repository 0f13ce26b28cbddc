package io.sagitta.attack.score;

import io.sagitta.engine.curvature.CurvatureEstimator;
import io.sagitta.engine.curvature.Evaluation;
import io.sagitta.engine.curvature.ExactCurvature;
import io.sagitta.engine.curvature.GradientDifference;
import io.sagitta.engine.curvature.HutchPlusPlus;
import io.sagitta.engine.curvature.Hutchinson;
import io.sagitta.engine.curvature.ZeroOrder;
import io.sagitta.engine.curvature.ZeroOrderTrace;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/** How curvature is estimated, by the names that users give. */
public enum Estimator {
  /** {@link ZeroOrder}: from losses alone; proportional to the Hessian's Frobenius norm. */
  ZO("zo", "curv_zo"),
  /** {@link ZeroOrderTrace}: the Hessian's trace, from losses alone. */
  ZO_TRACE("zo-trace", "curv_zo_trace"),
  /** {@link Hutchinson}: the Hessian's trace, from random probes of it. */
  HUTCHINSON("hutchinson", "curv_trace"),
  /** {@link HutchPlusPlus}: the same, with the greatest eigenvalues taken exactly. */
  HUTCH_PLUS_PLUS("hutch++", "curv_hutch"),
  /** {@link GradientDifference}: how far a step turns the gradient. */
  GRADIENT_NORM("gradient-norm", "curv_gradient_norm"),
  /** {@link ExactCurvature}: the Hessian's trace itself, of piecewise linear networks. */
  EXACT("exact", "curv_exact");

  /** Samples at a time that the host holds many vectors of. */
  private static final int HOST_BATCH = 32;

  /** The same as a part of a device's larger batches. */
  private static final int VECTORS = 8;

  private final String text;
  private final String tensorName;

  Estimator(String text, String tensorName) {
    this.text = text;
    this.tensorName = tensorName;
  }

  /**
   * The estimator of a name.
   *
   * @throws IllegalArgumentException naming those there are
   */
  public static Estimator of(String name) {
    return Arrays.stream(values())
        .filter(estimator -> estimator.text().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "estimator: expected one of "
                        + Arrays.stream(values()).map(Estimator::text)
                            .collect(Collectors.joining(", "))
                        + ", got '" + name + "'"));
  }

  /** The name, such as {@code zo-trace}. */
  public String text() {
    return text;
  }

  /** The name, as it stands in files. */
  @Override
  public String toString() {
    return text;
  }

  /**
   * The estimators of some names.
   *
   * @param names separated by commas
   * @throws IllegalArgumentException if one is unknown, naming those there are
   */
  public static List<Estimator> listOf(String names) {
    return Arrays.stream(names.split(",", -1)).map(String::strip).map(Estimator::of).toList();
  }

  /** The tensor of a score file that holds it. */
  public String tensorName() {
    return tensorName;
  }

  /** The tensor of a run's score file that holds its standard errors. */
  String errorName() {
    return tensorName + "_standard_error";
  }

  /** The tensor of a run's score file that holds its noise floors. */
  public String noiseName() {
    return tensorName + "_noise_floor";
  }

  /** Whether it differences losses, and so may be evaluated in several ways. */
  public boolean isZeroOrder() {
    return this == ZO || this == ZO_TRACE;
  }

  /** Whether it has a step h. */
  public boolean hasStep() {
    return isZeroOrder() || this == GRADIENT_NORM;
  }

  CurvatureEstimator create(
      double h, int n, long seed, int batch, Evaluation evaluation, double negligible) {
    return switch (this) {
      case ZO -> new ZeroOrder(h, n, seed, batch, evaluation);
      case ZO_TRACE -> new ZeroOrderTrace(h, n, seed, batch, evaluation);
      case HUTCHINSON -> new Hutchinson(n, seed, batch);
      case HUTCH_PLUS_PLUS -> HutchPlusPlus.ofProducts(n, seed, wide(batch));
      case GRADIENT_NORM -> new GradientDifference(h, n, seed, batch, false);
      case EXACT -> new ExactCurvature(wide(batch), negligible);
    };
  }

  /** Samples at a time where the host holds many vectors of each. */
  private static int wide(int batch) {
    return Math.max(Math.min(batch, HOST_BATCH), batch / VECTORS);
  }
}
