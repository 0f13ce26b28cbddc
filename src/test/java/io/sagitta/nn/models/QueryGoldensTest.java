package io.sagitta.nn.models;

import static org.assertj.core.api.Assertions.assertThat;

import io.sagitta.engine.Autodiff;
import io.sagitta.engine.DenseTensor;
import io.sagitta.engine.Shape;
import io.sagitta.engine.Tensor;
import io.sagitta.engine.ops.CrossEntropy;
import io.sagitta.kernels.Backend;
import io.sagitta.kernels.Scope;
import io.sagitta.kernels.host.HostBackend;
import io.sagitta.kernels.reference.ReferenceBackend;
import io.sagitta.nn.layers.Pass;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** Logits, losses, input gradients and Hessian-vector products against PyTorch in float64. */
@SuppressWarnings("try")
class QueryGoldensTest {
  private record Case(String name, ModelSpec spec, int images, int size) {}

  private static final Case RESNET18 =
      new Case("resnet18", ModelSpec.of("resnet18", 10, 0), 2, 32);
  private static final Case RESNET18_NARROW =
      new Case("resnet18-narrow", ModelSpec.of("resnet18", 10, 4), 2, 8);
  private static final Case RESNET50_NARROW =
      new Case("resnet50-narrow", ModelSpec.of("resnet50", 7, 2).with(Stem.IMAGENET), 2, 33);
  private static final List<Case> OTHERS =
      List.of(
          new Case("vgg11-narrow", ModelSpec.of("vgg11", 10, 4), 1, 32),
          new Case("lenet5", ModelSpec.of("lenet5", 10, 0), 1, 32),
          new Case("mlp-narrow", ModelSpec.of("mlp", 10, 16), 1, 32),
          new Case("vit-tiny-narrow", ModelSpec.of("vit-tiny", 7, 12), 2, 32));

  @Test
  void referenceAgreesToTheLastDigits() {
    try (Backend backend = new ReferenceBackend()) {
      check(backend, RESNET18_NARROW, 1e-11);
      check(backend, RESNET50_NARROW, 1e-11);
      OTHERS.forEach(golden -> check(backend, golden, 1e-11));
      assertThat(backend.liveBytes()).isZero();
    }
  }

  /** The bound is the project's promise for parity; float32 reaches about 1e-6. */
  @Test
  void hostAgreesInFloat32() {
    try (Backend backend = HostBackend.create()) {
      check(backend, RESNET18_NARROW, 1e-5);
      check(backend, RESNET50_NARROW, 1e-5);
      OTHERS.forEach(golden -> check(backend, golden, 1e-5));
      check(backend, RESNET18, 1e-4);
      assertThat(backend.liveBytes()).isZero();
    }
  }

  private static void check(Backend backend, Case golden, double tolerance) {
    Model model = Models.create(golden.spec());
    try (Weights weights = Goldens.weights(model, backend);
        Classifier classifier = Classifier.of(model, weights)) {
      compare(golden, "folded", classifier::logits, backend, tolerance);
      Pass eval = Pass.eval(weights.tensors());
      compare(golden, "eval", x -> model.forward(eval, x), backend, tolerance);
    }
  }

  private static void compare(
      Case golden, String form, UnaryOperator<Tensor> logits, Backend backend, double tolerance) {
    int n = golden.images();
    int[] labels = Goldens.labels(golden.name() + ".labels", n, golden.spec().classes());
    UnaryOperator<Tensor> losses = x -> CrossEntropy.crossEntropy(logits.apply(x), labels);
    Shape shape = Shape.of(n, golden.size(), golden.size(), 3);
    String key = golden.name();
    try (Scope scope = Scope.open()) {
      DenseTensor x =
          Tensor.of(backend, shape, Goldens.images(key + ".images", n, golden.size()));
      DenseTensor v =
          Tensor.of(backend, shape, Goldens.images(key + ".direction", n, golden.size()));
      Autodiff.Hvp hvp = Autodiff.hvp(input -> losses.apply(input).sum(), x, v);
      expect(golden, form, "logits", logits.apply(x), tolerance);
      expect(golden, form, "loss", losses.apply(x), tolerance);
      expect(golden, form, "gradient", hvp.gradient(), tolerance);
      expect(golden, form, "product", hvp.product(), tolerance);
    }
  }

  private static void expect(
      Case golden, String form, String what, Tensor actual, double tolerance) {
    double[] expected = Goldens.doubles("query-" + golden.name() + ".safetensors", what);
    assertThat(Goldens.relativeError(actual.toDoubles(), expected))
        .as("relative error of %s, %s, %s", golden.name(), form, what)
        .isLessThan(tolerance);
  }
}
