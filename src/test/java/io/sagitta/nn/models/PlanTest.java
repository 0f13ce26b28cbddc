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
import io.sagitta.nn.layers.ChannelNorm;
import java.util.Arrays;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Plans of every architecture against eager differentiation and differences in float64. */
@SuppressWarnings("try") // an open scope is used by the operations inside it
class PlanTest {
  private static final int BATCH = 2;
  private static final int CLASSES = 5;
  private static final Set<String> BEGINNINGS = Set.of("resnet8", "lenet5", "mlp");

  static Stream<Arguments> architecturesOnBackends() {
    return Backends.float32()
        .flatMap(
            backend ->
                SmallNetworks.of(CLASSES).stream().map(small -> Arguments.of(backend, small)));
  }

  @ParameterizedTest(name = "{0}: {1}")
  @MethodSource("architecturesOnBackends")
  void derivativesAreThoseOfEagerMode(Backends.Candidate candidate, SmallNetworks.Small small) {
    Model model = Models.create(small.spec());
    boolean smooth =
        small.spec().architecture().equals("vit-tiny") || small.spec().norm() == ChannelNorm.GROUP;
    try (Backend backend = candidate.open()) {
      try (Weights weights = Goldens.weights(model, backend);
          Classifier classifier = Classifier.of(model, weights);
          Plan plan = Plan.of(classifier::logits, backend, shape(small));
          Scope scope = Scope.open()) {
        for (int round = 0; round < 2; round++) {
          DenseTensor x = images(backend, small, "x" + round);
          DenseTensor v = images(backend, small, "v" + round);
          DenseTensor g =
              Tensor.of(backend, Shape.of(BATCH, CLASSES), Goldens.uniform("g", BATCH * CLASSES));
          Autodiff.Jvp jvp = Autodiff.jvp(classifier::logits, x, v);
          check("logits", plan.base(x), jvp.output());
          assertThat(plan.isPiecewiseLinear()).isNotEqualTo(smooth);
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
  void stencilsAreDifferencesInFloat64(
      Backends.Candidate candidate, SmallNetworks.Small small) {
    Model model = Models.create(small.spec());
    double h = 1e-3;
    double[] odd;
    double[] even;
    try (Backend reference = new ReferenceBackend();
        Weights weights = Goldens.weights(model, reference);
        Classifier classifier = Classifier.of(model, weights);
        Scope scope = Scope.open()) {
      Tensor x = images(reference, small, "x");
      Tensor d = images(reference, small, "v").mul(h);
      Tensor above = classifier.logits(x.add(d));
      Tensor below = classifier.logits(x.sub(d));
      odd = above.sub(below).mul(0.5).toDoubles();
      even = above.add(below).sub(classifier.logits(x).mul(2)).toDoubles();
    }
    try (Backend backend = candidate.open()) {
      try (Weights weights = Goldens.weights(model, backend);
          Classifier classifier = Classifier.of(model, weights);
          Plan plan = Plan.forStencils(classifier::logits, backend, shape(small));
          Scope scope = Scope.open()) {
        plan.base(images(backend, small, "x"));
        Stencil stencil =
            plan.stencil(images(backend, small, "v").mul(h).value(), Precision.FP32);
        assertThat(Goldens.relativeError(stencil.odd().toDoubles(), odd)).isLessThan(1e-4);
        double[] bend = stencil.even().toDoubles();
        for (int i = 0; i < bend.length; i++) {
          bend[i] -= even[i];
        }
        // Where no kink lies within the step, float64 has nothing but its own rounding.
        assertThat(norm(bend)).isLessThan(5e-3 * norm(even) + 1e-11 * norm(odd));
      }
      assertThat(backend.liveBytes()).isZero();
    }
  }

  /** First layers of several kinds; the MLP's reads no images. */
  static Stream<Arguments> beginningsOnBackends() {
    ModelSpec photographs = ModelSpec.of("resnet8", CLASSES, 4).with(Stem.IMAGENET);
    return Backends.float32()
        .flatMap(
            backend ->
                Stream.concat(
                        SmallNetworks.of(CLASSES).stream()
                            .filter(n -> BEGINNINGS.contains(n.spec().architecture()))
                            .filter(n -> n.spec().norm() == ChannelNorm.BATCH),
                        Stream.of(new SmallNetworks.Small(photographs, 16)))
                    .map(small -> Arguments.of(backend, small)));
  }

  /** Made where the first convolution reads them, others at each replay of what was recorded. */
  @ParameterizedTest(name = "{0}: {1}")
  @MethodSource("beginningsOnBackends")
  void randomDirectionsAreThoseStored(
      Backends.Candidate candidate, SmallNetworks.Small small) {
    Model model = Models.create(small.spec());
    try (Backend backend = candidate.open()) {
      try (Weights weights = Goldens.weights(model, backend);
          Classifier classifier = Classifier.of(model, weights);
          Plan plan = Plan.forStencils(classifier::logits, backend, shape(small));
          Scope scope = Scope.open()) {
        plan.base(images(backend, small, "x"));
        for (int round = 0; round < 3; round++) {
          long[] v = {17 * round, 1L << 60 | round};
          long[] u = {5 - round, 99};
          RandomDirection d = new RandomDirection(round - 1, v, u, 1e-3, round == 2 ? 0 : -1e-3);
          DenseTensor stored = d.on(backend, shape(small));
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

  private static double norm(double[] values) {
    return Math.sqrt(Arrays.stream(values).map(v -> v * v).sum());
  }

  private static Shape shape(SmallNetworks.Small small) {
    return Shape.of(BATCH, small.side(), small.side(), 3);
  }

  private static DenseTensor images(Backend backend, SmallNetworks.Small small, String name) {
    return Tensor.of(backend, shape(small), Goldens.images(name, BATCH, small.side()));
  }

  /** Where no kink lies within the step, even parts are zero, and then they must be so exactly. */
  private static void check(String what, Tensor actual, Tensor expected) {
    double[] wanted = expected.toDoubles();
    double[] difference = actual.toDoubles();
    for (int i = 0; i < difference.length; i++) {
      difference[i] -= wanted[i];
    }
    assertThat(norm(difference)).as(what).isLessThanOrEqualTo(2e-5 * norm(wanted));
  }
}
