package io.sagitta.attack.score;

import io.sagitta.engine.curvature.CurvatureEstimator;
import io.sagitta.engine.curvature.Hutchinson;
import io.sagitta.engine.curvature.Evaluation;
import io.sagitta.engine.curvature.ZeroOrder;
import java.util.Arrays;
import java.util.Locale;

/** How curvature is estimated, by the names that users give. */
public enum Estimator {
  /** {@link ZeroOrder}: from losses alone; proportional to the Hessian's Frobenius norm. */
  ZO("curv_zo"),
  /** {@link Hutchinson}: the Hessian's trace, from Hessian-vector products. */
  HUTCHINSON("curv_trace");

  private final String tensorName;

  Estimator(String tensorName) {
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
                    "estimator: expected zo or hutchinson, got '" + name + "'"));
  }

  /** The name: {@code zo} or {@code hutchinson}. */
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The tensor of a score file that holds it. */
  public String tensorName() {
    return tensorName;
  }

  CurvatureEstimator create(double h, int n, long seed, int batch) {
    return this == ZO ? new ZeroOrder(h, n, seed, batch, Evaluation.plain()) : new Hutchinson(n, seed, batch);
  }
}
