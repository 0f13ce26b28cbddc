package io.sagitta.nn.models;

import static org.assertj.core.api.Assertions.assertThat;

import io.sagitta.engine.DenseTensor;
import io.sagitta.engine.Shape;
import io.sagitta.engine.Tensor;
import io.sagitta.engine.curvature.HessianProducts;
import io.sagitta.kernels.Backend;
import io.sagitta.kernels.Backends;
import io.sagitta.kernels.Precision;
import io.sagitta.kernels.Scope;
import io.sagitta.kernels.Tolerance;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Networks asked in bf16, on every backend that stores their images as bfloat16. */
@SuppressWarnings("try") // an open scope is used by the operations inside it
class Bf16NetworkTest {
  private static final int BATCH = 4;
  private static final int SIDE = 16;
  private static final Shape IMAGES = Shape.of(BATCH, SIDE, SIDE, 3);

  /** A stem before a pool, and bottlenecks behind it. */
  private static final Model POOLED =
      Models.create(ModelSpec.of("resnet50", 10, 4).with(Stem.IMAGENET));

  private static final Model PLAIN = Models.create(ModelSpec.of("resnet8", 10, 8));

  /** What a network was asked. */
  private record Answers(double[] logits, double[] product, long peakBytes) {}

  @ParameterizedTest
  @MethodSource("io.sagitta.kernels.Backends#float32")
  void answersAreThoseOfFp32(Backends.Candidate candidate) {
    try (Backend backend = candidate.open()) {
      Assumptions.assumeTrue(
          backend.storesBf16(), "no images of bfloat16: " + backend.description());
      Answers exact = ask(backend, PLAIN, Precision.FP32);
      Answers half = ask(backend, PLAIN, Precision.BF16);
      Tolerance.checkNorm("logits", half.logits, exact.logits, 2e-2);
      // Rectifiers that switch at a rounded zero change a derivative by more than its rounding.
      Tolerance.checkNorm("Hessian-vector product", half.product, exact.product, 0.2);
      assertThat(half.peakBytes).isLessThan(exact.peakBytes * 3 / 4);
      Answers pooled = ask(backend, POOLED, Precision.BF16);
      Tolerance.checkNorm(
          "pooled logits", pooled.logits, ask(backend, POOLED, Precision.FP32).logits, 5e-2);
      assertThat(backend.liveBytes()).isZero();
    }
  }

  private static Answers ask(Backend backend, Model model, Precision precision) {
    int[] labels = IntStream.range(0, BATCH).toArray();
    try (Weights weights = Weights.initialize(model, backend, 1);
        Classifier classifier = Classifier.of(model, weights, precision);
        HessianProducts products = HessianProducts.of(classifier::logits, backend, IMAGES);
        Scope scope = Scope.open()) {
      DenseTensor x = Tensor.of(backend, IMAGES, Goldens.images("x", BATCH, SIDE));
      DenseTensor v = Tensor.of(backend, IMAGES, Goldens.images("v", BATCH, SIDE));
      long before = backend.liveBytes();
      backend.resetPeak();
      double[] logits = classifier.logits(x).toDoubles();
      long peak = backend.peakBytes() - before;
      products.at(x, labels);
      return new Answers(logits, products.times(v).toDoubles(), peak);
    }
  }
}
