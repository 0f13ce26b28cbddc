package io.sagitta.bench;

import io.sagitta.attack.score.Estimator;
import io.sagitta.attack.score.ScoreErrors;
import io.sagitta.attack.score.ScorePrecision;
import io.sagitta.attack.score.ScoreSettings;
import io.sagitta.engine.Shape;
import io.sagitta.engine.Tensor;
import io.sagitta.engine.curvature.CurvatureEstimator;
import io.sagitta.engine.curvature.Samples;
import io.sagitta.kernels.Backend;
import io.sagitta.kernels.Devices;
import io.sagitta.kernels.Philox;
import io.sagitta.kernels.Precision;
import io.sagitta.kernels.Scope;
import io.sagitta.kernels.reference.ReferenceBackend;
import io.sagitta.nn.models.Classifier;
import io.sagitta.nn.models.Model;
import io.sagitta.nn.models.ModelSpec;
import io.sagitta.nn.models.Models;
import io.sagitta.nn.models.Weights;
import java.util.Arrays;
import java.util.stream.LongStream;

/** An estimator of curvature, or the forward pass, at work on random images and weights. */
final class EstimatorWork implements AutoCloseable {
  /** The forward pass's name where estimators are named. */
  static final String FORWARD = "forward";

  private static final long SEED = 1;
  private static final int SIDE = 32;
  private static final int COLOURS = 3;

  /**
   * What is computed and where.
   *
   * @param estimator one of {@link Estimator}'s names, or {@value #FORWARD}
   * @param width channels of the first stage, 0 for the architecture's own
   * @param batch samples, and rows of derivatives or queries at a time
   * @param probes the estimator's n; 1 where it has none
   * @param precision one of {@link ScorePrecision}'s names
   */
  record Spec(
      String estimator, String architecture, int width, int classes, int batch, int probes,
      String precision, String device) {
    /** A forward pass has neither trials nor a precision, the exact trace no trials. */
    Spec {
      if (estimator.equals(FORWARD)) {
        precision = ScorePrecision.AUTO.text();
      }
      if (estimator.equals(FORWARD) || estimator.equals(Estimator.EXACT.text())) {
        probes = 1;
      }
    }
  }

  private final Spec spec;
  private final Backend backend;
  private final Weights weights;
  private final Classifier classifier;
  private final Samples samples;

  EstimatorWork(Spec spec) {
    this(spec, Devices.open(spec.device()));
  }

  private EstimatorWork(Spec spec, Backend backend) {
    this.spec = spec;
    this.backend = backend;
    Model model =
        Models.create(ModelSpec.of(spec.architecture(), spec.classes(), spec.width()));
    this.weights = Weights.initialize(model, backend, SEED);
    this.classifier = Classifier.of(model, weights);
    this.samples = samples(spec.batch());
  }

  private Samples samples(int count) {
    Philox philox = new Philox(SEED);
    float[] pixels = new float[count * SIDE * SIDE * COLOURS];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = (float) philox.normal(0, i);
    }
    int[] labels = new int[count];
    Arrays.setAll(labels, i -> philox.integer(2, i, spec.classes()));
    return new Samples(
        pixels, Shape.of(SIDE, SIDE, COLOURS), labels, LongStream.range(0, count).toArray());
  }

  /** All samples once. */
  @SuppressWarnings("try") // an open scope is used by the operations inside it
  void step() {
    if (spec.estimator().equals(FORWARD)) {
      try (Scope scope = Scope.open()) {
        Shape batch = Shape.of(spec.batch(), SIDE, SIDE, COLOURS);
        classifier.logits(Tensor.of(backend, batch, samples.inputs()));
        backend.synchronize();
      }
    } else {
      estimator(ScorePrecision.of(spec.precision()), spec.batch())
          .estimate(classifier::logits, backend, samples);
    }
  }

  private CurvatureEstimator estimator(ScorePrecision precision, int batch) {
    return precision
        .settings(
            Estimator.of(spec.estimator()), ScoreSettings.DEFAULT_H, spec.probes(), SEED,
            backend::supports)
        .inBatchesOf(batch)
        .create();
  }

  /** Channels of the first stage. */
  int width() {
    return classifier.spec().width();
  }

  /** How the step is computed, such as {@code streams of bf16}. */
  String note() {
    if (spec.estimator().equals(FORWARD)) {
      return "fp32";
    }
    return ScorePrecision.of(spec.precision())
        .settings(
            Estimator.of(spec.estimator()), ScoreSettings.DEFAULT_H, spec.probes(), SEED,
            backend::supports)
        .metadata()
        .getOrDefault("evaluation", "fp32");
  }

  /**
   * The error of the first samples' scores against float64 along the same directions: what the
   * arithmetic does, not what chance does.
   *
   * @return null for no samples, and for a forward pass
   */
  ScoreErrors errors(int count) {
    if (spec.estimator().equals(FORWARD) || count == 0) {
      return null;
    }
    Samples few = samples(Math.min(count, spec.batch()));
    double[] scores =
        estimator(ScorePrecision.of(spec.precision()), spec.batch())
            .estimate(classifier::logits, backend, few)
            .curvature();
    try (ReferenceBackend float64 = ReferenceBackend.onAllCores();
        Weights copy = weights.copyTo(float64);
        Classifier exact = Classifier.of(copy.model(), copy)) {
      double[] expected =
          estimator(ScorePrecision.FLOAT64, spec.batch())
              .estimate(exact::logits, float64, few)
              .curvature();
      return ScoreErrors.of(scores, expected);
    }
  }

  /** What a step asks of the device, counted while it is done. */
  Traffic traffic() {
    Traffic traffic = new Traffic();
    try (EstimatorWork counted = new EstimatorWork(spec, traffic.through(Devices.open(spec.device())))) {
      traffic.reset();
      counted.step();
    }
    return traffic;
  }

  /** The rate of a product of square matrices on the device, in operations a second. */
  @SuppressWarnings("try") // an open scope is used by the operations inside it
  double peak(int side, double seconds) {
    try (Scope scope = Scope.open()) {
      Shape square = Shape.of(side, side);
      Tensor a = Tensor.of(backend, square, new float[side * side]);
      Tensor c = Tensor.of(backend, square, new float[side * side]);
      Runnable product =
          () -> backend.matmul(
              Precision.FP32, a.value().buffer(), false, a.value().buffer(), false,
              c.value().buffer(), 1, side, side, side);
      return 2.0 * side * side * side * Clock.rate(product, backend::synchronize, seconds);
    }
  }

  /** Peak bytes of a step beyond what is held anyway. */
  long workingBytes() {
    long held = backend.liveBytes();
    backend.resetPeak();
    step();
    return backend.peakBytes() - held;
  }

  @Override
  public void close() {
    classifier.close();
    weights.close();
    backend.close();
  }
}
