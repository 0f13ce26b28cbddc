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
class SgdTest {
  private static final Offset<Double> EXACT = Offset.offset(1e-15);

  /** Two steps from w = 1 with gradients 0.5 and −0.25, by torch.optim.SGD in float64. */
  @Test
  void stepsAsPyTorch() {
    expect(0, 0, false, 0.95, 0.975);
    expect(0.9, 0, false, 0.95, 0.93);
    expect(0.9, 0.1, false, 0.94, 0.9016);
    expect(0.9, 0.1, true, 0.886, 0.868066);
  }

  private static void expect(
      double momentum, double weightDecay, boolean nesterov, double first, double second) {
    try (Backend backend = new ReferenceBackend();
        Scope scope = Scope.open()) {
      DenseTensor w = Tensor.full(backend, Shape.of(2), 1);
      try (Sgd sgd = new Sgd(Map.of("w", w), momentum, weightDecay, nesterov)) {
        sgd.step(List.of(Tensor.full(backend, Shape.of(2), 0.5)), 0.1);
        assertThat(w.toDoubles()).containsExactly(new double[] {first, first}, EXACT);
        sgd.step(List.of(Tensor.full(backend, Shape.of(2), -0.25)), 0.1);
        assertThat(w.toDoubles()).containsExactly(new double[] {second, second}, EXACT);
      }
    }
  }

  @Test
  void refusesGradientsThatDoNotFit() {
    try (Backend backend = new ReferenceBackend();
        Scope scope = Scope.open();
        Sgd sgd = new Sgd(Map.of("w", Tensor.zeros(backend, Shape.of(2))), 0, 0, false)) {
      assertThatThrownBy(() -> sgd.step(List.of(), 0.1))
          .hasMessage("sgd: expected 1 gradients, got 0");
      assertThatThrownBy(() -> sgd.step(List.of(Tensor.zeros(backend, Shape.of(3))), 0.1))
          .hasMessage("sgd: expected a gradient of shape [2] for 'w', got [3]");
    }
  }
}
