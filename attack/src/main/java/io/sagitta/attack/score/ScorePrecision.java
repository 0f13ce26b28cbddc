package io.sagitta.attack.score;

import io.sagitta.engine.curvature.Evaluation;
import io.sagitta.kernels.Backend;
import io.sagitta.kernels.DType;
import io.sagitta.kernels.Precision;
import io.sagitta.kernels.reference.ReferenceBackend;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import java.util.function.Predicate;
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
  PLAIN_FP32,
  /** The same in float64, on the processor's cores whatever the device: slow, and the measure. */
  FLOAT64;

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
            () ->
                new IllegalArgumentException(
                    "precision: expected one of " + names(List.of(values())) + ", got '" + name
                        + "'"));
  }

  /** The name, such as {@code plain-fp32}. */
  public String text() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** The name, as it stands in files. */
  @Override
  public String toString() {
    return text();
  }

  /**
   * The settings of an estimator that is evaluated so.
   *
   * @param h step of the estimators that have one
   * @param n trials or probes a sample
   * @param seed of the random directions
   * @param supported the precisions of the device
   * @throws IllegalArgumentException if estimator, precision and device do not fit, naming what does
   */
  public ScoreSettings settings(
      Estimator estimator, double h, int n, long seed, Predicate<Precision> supported) {
    List<ScorePrecision> fitting =
        Arrays.stream(values())
            .filter(p -> p.fits(estimator) && (p.rows() == null || supported.test(p.rows())))
            .toList();
    if (!fits(estimator) || !fitting.contains(this)) {
      throw new IllegalArgumentException(
          "precision: expected one of " + names(fitting) + " for " + estimator.text()
              + (fits(estimator) ? " on this device" : "") + ", got " + text());
    }
    boolean float64 = this == FLOAT64;
    return new ScoreSettings(
        estimator, h, n, seed,
        float64 ? ScoreSettings.FLOAT64_BATCH : ScoreSettings.DEFAULT_BATCH,
        estimator.isZeroOrder() ? evaluation(supported) : Evaluation.plain(),
        float64 ? DType.F64 : DType.F32);
  }

  /**
   * The settings of several estimators side by side. This is how zero-order ones are evaluated; the
   * derivatives of the others are computed in full unless it is {@link #FLOAT64}.
   *
   * @throws IllegalArgumentException as {@link #settings}
   */
  public List<ScoreSettings> settings(
      List<Estimator> estimators, double h, int n, long seed, Predicate<Precision> supported) {
    return estimators.stream()
        .map(e -> (fits(e) ? this : FP32).settings(e, h, n, seed, supported))
        .toList();
  }

  /** Derivatives are computed in full or, to measure that, in float64. */
  private boolean fits(Estimator estimator) {
    return estimator.isZeroOrder() || this == AUTO || this == FP32 || this == FLOAT64;
  }

  /** What the device must have, or null. */
  private Precision rows() {
    return switch (this) {
      case TF32 -> Precision.TF32;
      case BF16 -> Precision.BF16;
      default -> null;
    };
  }

  private Evaluation evaluation(Predicate<Precision> supported) {
    return switch (this) {
      case AUTO ->
          Evaluation.streams(supported.test(Precision.BF16) ? Precision.BF16 : Precision.FP32);
      case FP32 -> Evaluation.streams(Precision.FP32);
      case TF32, BF16 -> Evaluation.streams(rows());
      case PLAIN_FP32, FLOAT64 -> Evaluation.plain();
    };
  }

  /** Has work done on what computes this: the device, or for float64 a backend of its own. */
  public void on(Backend device, Consumer<Backend> work) {
    if (this == FLOAT64) {
      try (ReferenceBackend backend = ReferenceBackend.onAllCores()) {
        work.accept(backend);
      }
    } else {
      work.accept(device);
    }
  }

  private static String names(List<ScorePrecision> precisions) {
    return precisions.stream().map(ScorePrecision::text).collect(Collectors.joining(", "));
  }
}
