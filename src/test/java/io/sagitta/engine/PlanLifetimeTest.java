package io.sagitta.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sagitta.kernels.Backend;
import io.sagitta.kernels.Backends;
import io.sagitta.kernels.Precision;
import io.sagitta.kernels.Scope;
import io.sagitta.kernels.reference.ReferenceBackend;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** How long what a plan gives and holds is good for. */
@SuppressWarnings("try") // an open scope is used by the operations inside it
class PlanLifetimeTest {
  private static final Shape SHAPE = Shape.of(1, 2);

  static Stream<Backends.Candidate> backends() {
    return Backends.float32();
  }

  /** Also where the network hands on its argument, which the plan writes the next point to. */
  @ParameterizedTest
  @MethodSource("backends")
  void resultsOutliveLaterRuns(Backends.Candidate candidate) {
    try (Backend backend = candidate.open();
        Scope scope = Scope.open();
        Plan plan = Plan.forStencils(x -> x, backend, SHAPE)) {
      DenseTensor first = Tensor.of(backend, SHAPE, 1, 2);
      DenseTensor second = Tensor.of(backend, SHAPE, 3, 4);
      Tensor base = plan.base(first);
      plan.base(second);
      assertThat(base.toFloats()).containsExactly(1, 2);
      Tensor tangent = plan.jvp(first);
      Tensor gradient = plan.vjp(first);
      Tensor odd = plan.stencil(first, Precision.FP32).odd();
      plan.jvp(second);
      plan.vjp(second);
      plan.stencil(second, Precision.FP32);
      assertThat(tangent.toFloats()).containsExactly(1, 2);
      assertThat(gradient.toFloats()).containsExactly(1, 2);
      assertThat(odd.toFloats()).containsExactly(1, 2);
    }
  }

  /** Not zeros, which is what nothing that varies would give. */
  @Test
  void aBasePassThatFailedIsNone() {
    AtomicBoolean fails = new AtomicBoolean();
    try (Backend backend = new ReferenceBackend()) {
      try (Scope scope = Scope.open();
          Plan plan = Plan.of(x -> failIf(fails, x.square()).exp(), backend, SHAPE)) {
        DenseTensor point = Tensor.of(backend, SHAPE, 1, 2);
        plan.base(point);
        fails.set(true);
        assertThatThrownBy(() -> plan.base(point)).hasMessage("as asked");
        assertThatThrownBy(() -> plan.jvp(point)).hasMessageContaining("base point first");
        fails.set(false);
        plan.base(point);
        assertThat(plan.jvp(point).toDoubles()[0]).isEqualTo(2 * Math.E);
      }
      assertThat(backend.liveBytes()).isZero();
    }
  }

  private static Tensor failIf(AtomicBoolean fails, Tensor x) {
    if (fails.get()) {
      throw new UnsupportedOperationException("as asked");
    }
    return x;
  }

  @Test
  void aClosedPlanSaysSoAndHoldsNothing() {
    try (Backend backend = new ReferenceBackend()) {
      try (Scope scope = Scope.open()) {
        DenseTensor point = Tensor.of(backend, SHAPE, 1, 2);
        Plan plan = Plan.forStencils(Tensor::exp, backend, SHAPE);
        plan.base(point);
        plan.close();
        String closed = "plan used after it was closed";
        assertThatThrownBy(() -> plan.base(point)).hasMessage(closed);
        assertThatThrownBy(() -> plan.jvp(point)).hasMessage(closed);
        assertThatThrownBy(() -> plan.vjp(point)).hasMessage(closed);
        assertThatThrownBy(() -> plan.stencil(point, Precision.FP32)).hasMessage(closed);
        assertThatThrownBy(plan::isPiecewiseLinear).hasMessage(closed);
      }
      assertThat(backend.liveBytes()).isZero();
    }
  }
}
