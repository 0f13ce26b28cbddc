package io.sagitta.nn.models;

import static org.assertj.core.api.Assertions.assertThat;

import io.sagitta.engine.Autodiff;
import io.sagitta.engine.DenseTensor;
import io.sagitta.engine.Plan;
import io.sagitta.engine.RandomDirection;
import io.sagitta.engine.Shape;
import io.sagitta.engine.Stencil;
import io.sagitta.engine.Tensor;
import io.sagitta.engine.Vjp;
import io.sagitta.kernels.Backend;
import io.sagitta.kernels.Backends;
import io.sagitta.kernels.Precision;
import io.sagitta.kernels.Scope;
import io.sagitta.kernels.reference.ReferenceBackend;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Plans of every architecture against eager differentiation and differences in float64. */
@SuppressWarnings("try") // an open scope is used by the operations inside it
class PlanTest {
  private static final int BATCH = 2;
  private static final int SIDE = 16;
  private static final int CLASSES = 5;
  private static final Shape IMAGES = Shape.of(BATCH, SIDE, SIDE, 3);

  static Stream<Arguments> architecturesOnBackends() {
    return Backends.float32()
        .flatMap(
            backend ->
                Stream.concat(
                        Models.architectures().stream().map(a -> ModelSpec.of(a, CLASSES, 4)),
                        Stream.of(ModelSpec.of("resnet18", CLASSES, 4).with(Stem.IMAGENET)))
                    .map(spec -> Arguments.of(backend, spec)));
  }

  @ParameterizedTest(name = "{0}: {1}")
  @MethodSource("architecturesOnBackends")
  void derivativesAreThoseOfEagerMode(Backends.Candidate candidate, ModelSpec spec) {
    Model model = Models.create(spec);
    try (Backend backend = candidate.open()) {
      try (Weights weights = Goldens.weights(model, backend);
          Classifier classifier = Classifier.of(model, weights);
          Plan plan = Plan.of(classifier::logits, backend, IMAGES);
          Scope scope = Scope.open()) {
        for (int round = 0; round < 2; round++) {
          DenseTensor x = images(backend, "x" + round);
          DenseTensor v = images(backend, "v" + round);
          DenseTensor g =
              Tensor.of(backend, Shape.of(BATCH, CLASSES), Goldens.uniform("g", BATCH * CLASSES));
          Autodiff.Jvp jvp = Autodiff.jvp(classifier::logits, x, v);
          check("logits", plan.base(x), jvp.output());
          assertThat(plan.isPiecewiseLinear()).isTrue();
          check("jvp", plan.jvp(v), jvp.tangent());
          try (Vjp vjp = Autodiff.vjp(classifier::logits, x)) {
            check("vjp", plan.vjp(g), vjp.pullback(g).get(0));
          }
          check("jvp again", plan.jvp(v), jvp.tangent());
        }
      }
      assertThat(backend.liveBytes()).isZero();
    }
  }

  /**
   * The same stencil from three evaluations in float64; h is the published one. The base pass rounds
   * to float32, which puts some point on the other side of a kink: the deeper, the more.
   */
  @ParameterizedTest(name = "{0}: {1}")
  @MethodSource("architecturesOnBackends")
  void stencilsAreDifferencesInFloat64(Backends.Candidate candidate, ModelSpec spec) {
    Model model = Models.create(spec);
    double h = 1e-3;
    double[] odd;
    double[] even;
    try (Backend reference = new ReferenceBackend();
        Weights weights = Goldens.weights(model, reference);
        Classifier classifier = Classifier.of(model, weights);
        Scope scope = Scope.open()) {
      Tensor x = images(reference, "x");
      Tensor d = images(reference, "v").mul(h);
      Tensor above = classifier.logits(x.add(d));
      Tensor below = classifier.logits(x.sub(d));
      odd = above.sub(below).mul(0.5).toDoubles();
      even = above.add(below).sub(classifier.logits(x).mul(2)).toDoubles();
    }
    try (Backend backend = candidate.open()) {
      try (Weights weights = Goldens.weights(model, backend);
          Classifier classifier = Classifier.of(model, weights);
          Plan plan = Plan.forStencils(classifier::logits, backend, IMAGES);
          Scope scope = Scope.open()) {
        plan.base(images(backend, "x"));
        Stencil stencil = plan.stencil(images(backend, "v").mul(h).value(), Precision.FP32);
        assertThat(Goldens.relativeError(stencil.odd().toDoubles(), odd)).isLessThan(1e-4);
        assertThat(Goldens.relativeError(stencil.even().toDoubles(), even)).isLessThan(5e-3);
      }
      assertThat(backend.liveBytes()).isZero();
    }
  }

  static Stream<Arguments> stemsOnBackends() {
    ModelSpec small = ModelSpec.of("resnet8", CLASSES, 4);
    return Backends.float32()
        .flatMap(
            backend ->
                Stream.of(Stem.CIFAR, Stem.IMAGENET)
                    .map(stem -> Arguments.of(backend, small.with(stem))));
  }

  /** Made where the first convolution reads them, others at each replay of what was recorded. */
  @ParameterizedTest(name = "{0}: {1}")
  @MethodSource("stemsOnBackends")
  void randomDirectionsAreThoseStored(Backends.Candidate candidate, ModelSpec spec) {
    Model model = Models.create(spec);
    try (Backend backend = candidate.open()) {
      try (Weights weights = Goldens.weights(model, backend);
          Classifier classifier = Classifier.of(model, weights);
          Plan plan = Plan.forStencils(classifier::logits, backend, IMAGES);
          Scope scope = Scope.open()) {
        plan.base(images(backend, "x"));
        for (int round = 0; round < 3; round++) {
          long[] v = {17 * round, 1L << 60 | round};
          long[] u = {5 - round, 99};
          RandomDirection d = new RandomDirection(round - 1, v, u, 1e-3, round == 2 ? 0 : -1e-3);
          DenseTensor stored = d.on(backend, IMAGES);
          check("jvp", plan.jvp(d), plan.jvp(stored));
          Stencil expected = plan.stencil(stored, Precision.FP32);
          Stencil actual = plan.stencil(d, Precision.FP32);
          check("odd", actual.odd(), expected.odd());
          check("even", actual.even(), expected.even());
        }
      }
      assertThat(backend.liveBytes()).isZero();
    }
  }

  private static DenseTensor images(Backend backend, String name) {
    return Tensor.of(backend, IMAGES, Goldens.images(name, BATCH, SIDE));
  }

  private static void check(String what, Tensor actual, Tensor expected) {
    assertThat(Goldens.relativeError(actual.toDoubles(), expected.toDoubles()))
        .as(what)
        .isLessThan(2e-5);
  }
}
