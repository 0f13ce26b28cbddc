package io.sagitta.nn.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sagitta.engine.DenseTensor;
import io.sagitta.engine.Shape;
import io.sagitta.engine.Tensor;
import io.sagitta.kernels.Backend;
import io.sagitta.kernels.Scope;
import io.sagitta.kernels.reference.ReferenceBackend;
import java.util.List;
import java.util.Map;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

@SuppressWarnings("try")
class RmsPropTest {
  private static final double RATE = 0.01;

  /** Three steps from w = 1, by the formula as PyTorch's documentation states it. */
  @Test
  void stepsAsPyTorch() {
    for (double momentum : new double[] {0, 0.9}) {
      for (double decay : new double[] {0, 0.1}) {
        expect(momentum, decay);
      }
    }
  }

  private static void expect(double momentum, double decay) {
    double[] gradients = {0.5, -0.25, 3};
    double expected = 1;
    double square = 0;
    double velocity = 0;
    try (Backend backend = new ReferenceBackend();
        Scope scope = Scope.open()) {
      DenseTensor w = Tensor.full(backend, Shape.of(2), 1);
      try (Optimizer optimizer =
          OptimizerKind.RMSPROP.create(Map.of("w", w), momentum, decay, false)) {
        for (double gradient : gradients) {
          optimizer.step(List.of(Tensor.full(backend, Shape.of(2), gradient)), RATE);
          double g = gradient + decay * expected;
          square = 0.99 * square + 0.01 * g * g;
          velocity = momentum * velocity + g / (Math.sqrt(square) + 1e-8);
          expected -= RATE * velocity;
          assertThat(w.toDoubles())
              .containsExactly(new double[] {expected, expected}, Offset.offset(1e-15));
        }
        assertThat(optimizer.state().get("square_average.w").toDoubles())
            .containsExactly(new double[] {square, square}, Offset.offset(1e-15));
        assertThat(optimizer.state()).hasSize(momentum > 0 ? 2 : 1);
        assertThat(optimizer.state().keySet()).allMatch(OptimizerKind::isState);
      }
    }
  }

  @Test
  void refusesWhatDoesNotFit() {
    try (Backend backend = new ReferenceBackend();
        Scope scope = Scope.open();
        RmsProp optimizer =
            new RmsProp(Map.of("w", Tensor.zeros(backend, Shape.of(2))), 0, 0)) {
      assertThatThrownBy(() -> optimizer.step(List.of(), 0.1))
          .hasMessage("rmsprop: expected 1 gradients, got 0");
      assertThatThrownBy(() -> OptimizerKind.RMSPROP.create(Map.of(), 0.9, 0, true))
          .hasMessage("rmsprop: expected a momentum without nesterov, got nesterov");
      assertThatThrownBy(() -> OptimizerKind.of("adam"))
          .hasMessage("optimizer: expected one of [sgd, rmsprop], got 'adam'");
    }
  }
}
