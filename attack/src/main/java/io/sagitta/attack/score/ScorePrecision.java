package io.sagitta.attack.score;

import io.sagitta.engine.curvature.Evaluation;
import io.sagitta.kernels.Backend;
import io.sagitta.kernels.Precision;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** How a score is computed, by the names that users give. */
public enum ScorePrecision {
  /** Difference streams in bf16 where the device has it, else in fp32. */
  AUTO,
  /** Difference streams in float32. */
  FP32,
  /** Difference streams in TF32. */
  TF32,
  /** Difference streams in bf16. */
  BF16,
  /** Losses at the stencil's points, subtracted; all that a black box offers. */
  PLAIN_FP32;

  /**
   * The one of a name.
   *
   * @throws IllegalArgumentException naming those there are
   */
  public static ScorePrecision of(String name) {
    return Arrays.stream(values())
        .filter(precision -> precision.text().equals(name))
        .findFirst()
        .orElseThrow(
            () -> new IllegalArgumentException(
                "precision: expected one of "
                    + Arrays.stream(values()).map(ScorePrecision::text)
                        .collect(Collectors.joining(", "))
                    + ", got '" + name + "'"));
  }

  /** The name, such as {@code plain-fp32}. */
  public String text() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /**
   * What it means for an estimator on a backend.
   *
   * @throws IllegalArgumentException if the two do not fit
   */
  public Evaluation of(Estimator estimator, Backend backend) {
    if (!estimator.isZeroOrder()) {
      if (this != AUTO && this != FP32) {
        throw new IllegalArgumentException(
            "precision: expected auto or fp32 for " + estimator.text() + ", got " + text());
      }
      return Evaluation.plain();
    }
    return switch (this) {
      case AUTO -> Evaluation.best(backend);
      case FP32 -> Evaluation.streams(Precision.FP32);
      case TF32 -> Evaluation.streams(Precision.TF32);
      case BF16 -> Evaluation.streams(Precision.BF16);
      case PLAIN_FP32 -> Evaluation.plain();
    };
  }
}
