package io.sagitta.engine.ops;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sagitta.engine.DenseTensor;
import io.sagitta.engine.Plan;
import io.sagitta.engine.Shape;
import io.sagitta.engine.Stencil;
import io.sagitta.engine.Tensor;
import io.sagitta.kernels.Backend;
import io.sagitta.kernels.Precision;
import io.sagitta.kernels.Scope;
import io.sagitta.kernels.Tolerance;
import io.sagitta.kernels.reference.ReferenceBackend;
import java.util.Random;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The rule of group normalisation in float64 against those of the operations that it is made of. */
@SuppressWarnings("try") // an open scope is used by the operations inside it
class GroupNormStencilTest {
  private static final Shape SHAPE = Shape.of(2, 3, 5, 6);
  private static final Shape CHANNELS = Shape.of(6);
  private static final double EPSILON = 1e-5;

  private final Random random = new Random(3);

  @ParameterizedTest(name = "{0} groups")
  @ValueSource(ints = {1, 2, 6})
  void isThatOfTheComposition(int groups) {
    try (Backend backend = new ReferenceBackend();
        Scope scope = Scope.open()) {
      Tensor gamma = normal(backend, CHANNELS, 1);
      Tensor beta = normal(backend, CHANNELS, 1);
      DenseTensor x = normal(backend, SHAPE, 1);
      Tensor statistics = GroupNorm.statistics(x, groups);
      GroupNormAct op = new GroupNormAct(EPSILON, true);
      for (double h : new double[] {0.1, 1e-3, 1e-6}) {
        DenseTensor d = normal(backend, SHAPE, h);
        for (boolean bent : new boolean[] {false, true}) {
          UnaryOperator<Tensor> input = s -> bent ? curved(s) : s;
          Stencil expected =
              stencil(
                  s -> op.definition(input.apply(s), gamma, beta, statistics, s), x, d);
          Stencil actual =
              stencil(
                  s -> GroupNorm.groupNorm(input.apply(s), gamma, beta, groups, s, true, EPSILON),
                  x, d);
          String what = "h " + h + ", of a curve " + bent;
          check(what + ", odd", actual.odd(), expected.odd());
          check(what + ", even", actual.even(), expected.even());
        }
      }
    }
  }

  private static Tensor curved(Tensor s) {
    return s.add(s.square().mul(0.25));
  }

  private static Stencil stencil(UnaryOperator<Tensor> function, DenseTensor x, DenseTensor d) {
    try (Plan plan = Plan.forStencils(function, x.backend(), SHAPE)) {
      plan.base(x);
      return plan.stencil(d, Precision.FP32);
    }
  }

  /** The composition too adds up in float64, numbers of the size of the odd parts. */
  private static void check(String what, Tensor actual, Tensor expected) {
    Tolerance.checkNorm(what, actual.toDoubles(), expected.toDoubles(), 1e-9);
  }

  @Test
  void aScaleThatVariesIsRefused() {
    try (Backend backend = new ReferenceBackend();
        Scope scope = Scope.open()) {
      DenseTensor x = normal(backend, SHAPE, 1);
      DenseTensor gamma = normal(backend, CHANNELS, 1);
      try (Plan plan =
          Plan.forStencils(
              scale -> GroupNorm.groupNorm(x, scale, gamma, 2, null, true, EPSILON), backend,
              CHANNELS)) {
        plan.base(gamma);
        assertThatThrownBy(() -> plan.stencil(gamma, Precision.FP32))
            .isInstanceOf(IllegalArgumentException.class)
            .hasMessageContainingAll("no stencil rule", "group_norm_act");
      }
    }
  }

  private DenseTensor normal(Backend backend, Shape shape, double deviation) {
    double[] values = new double[Math.toIntExact(shape.elements())];
    for (int i = 0; i < values.length; i++) {
      values[i] = deviation * random.nextGaussian();
    }
    return Tensor.of(backend, shape, values);
  }
}
