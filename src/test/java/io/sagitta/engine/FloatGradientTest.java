package io.sagitta.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.sagitta.kernels.Backend;
import io.sagitta.kernels.Backends;
import io.sagitta.kernels.Scope;
import io.sagitta.kernels.Tolerance;
import io.sagitta.kernels.reference.ReferenceBackend;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The gradient table in float32: values, tangents, gradients and Hessian products on every backend
 * against float64.
 */
@SuppressWarnings("try") // an open scope is used by the operations inside it
class FloatGradientTest {
  /** Rounding units of 2^−24 that a second derivative's some hundred operations may spend. */
  private static final double LIMIT = 64 * 0x1p-24;

  static Stream<Arguments> rowsOnBackends() {
    return Backends.float32()
        .flatMap(backend -> GradientTable.rows().stream().map(row -> Arguments.of(backend, row)));
  }

  @ParameterizedTest(name = "{0}: {1}")
  @MethodSource("rowsOnBackends")
  void derivativesAgreeWithFloat64(Backends.Candidate candidate, GradientRow row) {
    List<double[]> point = inFloat(row.point());
    List<double[]> direction = inFloat(row.directions(1));
    try (ReferenceBackend reference = new ReferenceBackend();
        Backend tested = candidate.open()) {
      List<double[]> expected = derivatives(row, reference, point, direction);
      List<double[]> actual = derivatives(row, tested, point, direction);
      for (int i = 0; i < expected.size(); i++) {
        Tolerance.checkNear("part " + i, actual.get(i), expected.get(i), LIMIT);
      }
      assertThat(tested.liveBytes()).isZero();
    }
  }

  /** The value, the tangent, then each argument's gradient, then each one's Hessian product. */
  private static List<double[]> derivatives(
      GradientRow row, Backend backend, List<double[]> point, List<double[]> direction) {
    Program program = xs -> List.of(row.apply(xs));
    Program scalar = xs -> List.of(row.scalar(row.apply(xs)));
    try (Scope scope = Scope.open()) {
      List<Tensor> x = row.tensors(backend, point);
      List<Tensor> v = row.tensors(backend, direction);
      Autodiff.Jvp jvp = Autodiff.jvp(program, x, v);
      Autodiff.Hvp hvp = Autodiff.hvp(scalar, x, v);
      return Stream.of(jvp.outputs(), jvp.tangents(), hvp.gradients(), hvp.products())
          .flatMap(List::stream)
          .map(Tensor::toDoubles)
          .toList();
    }
  }

  private static List<double[]> inFloat(List<double[]> arrays) {
    for (double[] array : arrays) {
      for (int i = 0; i < array.length; i++) {
        array[i] = (float) array[i];
      }
    }
    return arrays;
  }
}
