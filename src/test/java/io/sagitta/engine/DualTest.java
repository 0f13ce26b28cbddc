package io.sagitta.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.sagitta.engine.ops.Divide;
import io.sagitta.engine.ops.Exp;
import io.sagitta.engine.ops.LayerNormJacobian;
import io.sagitta.engine.ops.Log;
import io.sagitta.engine.ops.Multiply;
import io.sagitta.engine.ops.Reciprocal;
import io.sagitta.engine.ops.Softmax;
import io.sagitta.engine.ops.Sqrt;
import io.sagitta.engine.ops.Tanh;
import io.sagitta.kernels.Backend;
import io.sagitta.kernels.Backends;
import io.sagitta.kernels.Scope;
import io.sagitta.kernels.Tolerance;
import io.sagitta.kernels.reference.ReferenceBackend;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Ops that make value and tangent in one kernel, against their own value and tangent rule, over the
 * rows of the gradient table, whose own tests compare Hessian products with differences.
 */
@SuppressWarnings("try") // an open scope is used by the operations inside it
class DualTest {
  /** Of float32, for a handful of operations. */
  private static final double LIMIT = 16 * 0x1p-24;

  /** What must be fused, with arguments of one shape that all vary. */
  private static final List<Op> FUSED =
      List.of(
          Exp.INSTANCE, Log.INSTANCE, Sqrt.INSTANCE, Reciprocal.INSTANCE, Tanh.INSTANCE,
          Exp.INSTANCE.slope(), Log.INSTANCE.slope(), Sqrt.INSTANCE.slope(),
          Reciprocal.INSTANCE.slope(), Tanh.INSTANCE.slope(), Multiply.INSTANCE, Divide.INSTANCE,
          Softmax.INSTANCE);

  static Stream<Arguments> rowsOnBackends() {
    return Backends.float32()
        .flatMap(
            backend ->
                GradientTable.rows().stream()
                    .filter(DualTest::isFused)
                    .map(row -> Arguments.of(backend, row)));
  }

  private static boolean isFused(GradientRow row) {
    return FUSED.contains(row.op()) || row.op() instanceof LayerNormJacobian;
  }

  @ParameterizedTest(name = "{0}: {1}")
  @MethodSource("rowsOnBackends")
  void fusedIsValueAndTangentRule(Backends.Candidate candidate, GradientRow row) {
    try (Backend backend = candidate.open()) {
      try (Scope scope = Scope.open()) {
        List<Tensor> point = row.tensors(backend, row.point());
        List<Tensor> direction = row.tensors(backend, row.directions(2));
        Tensor[] inputs = row.inputs(point);
        for (int without = -1; without < inputs.length; without++) {
          Tensor[] tangents = direction.toArray(new Tensor[0]);
          if (without >= 0 && inputs.length > 1) {
            tangents[without] = null;
          }
          Tensor value = row.op().apply(inputs);
          Tensor tangent = row.op().jvp(inputs, value, tangents);
          Autodiff.Jvp jvp =
              Autodiff.jvp(
                  xs -> List.of(row.op().apply(xs.toArray(new Tensor[0]))), List.of(inputs),
                  Arrays.asList(tangents));
          Tolerance.checkNear(
              "value", jvp.output().toDoubles(), value.toDoubles(), LIMIT);
          Tolerance.checkNear(
              "tangent", jvp.tangent().toDoubles(), tangent.toDoubles(), LIMIT);
        }
      }
      assertThat(backend.liveBytes()).isZero();
    }
  }

  @Test
  void whatShouldBeFusedIs() {
    try (Backend backend = new ReferenceBackend();
        Scope scope = Scope.open()) {
      DenseTensor x = Tensor.full(backend, Shape.of(2, 3), 0.5);
      for (Op op : FUSED) {
        int arity = GradientTable.rows().stream()
            .filter(row -> row.op() == op)
            .findFirst()
            .orElseThrow(() -> new AssertionError("no row for " + op.name()))
            .arguments()
            .size();
        DenseTensor[] same = new DenseTensor[arity];
        Arrays.fill(same, x);
        assertThat(op.dual(same, same)).as(op.name()).isNotNull();
      }
      DenseTensor[] two = {x, x};
      Op jacobian = new LayerNormJacobian(1e-3, false);
      assertThat(jacobian.dual(two, two)).as(jacobian.name()).isNotNull();
    }
  }
}
