package io.sagitta.engine.ops;

import static org.assertj.core.api.Assertions.assertThat;

import io.sagitta.engine.Autodiff;
import io.sagitta.engine.GradientRow;
import io.sagitta.engine.GradientTable;
import io.sagitta.engine.OpClasses;
import io.sagitta.engine.Program;
import io.sagitta.engine.Tensor;
import io.sagitta.kernels.Scope;
import io.sagitta.kernels.Tolerance;
import io.sagitta.kernels.reference.ReferenceBackend;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Fused ops equal their definitions in value, tangent, gradient and Hessian product. */
@SuppressWarnings("try") // an open scope is used by the operations inside it
class FusedOpTest {
  private static final double LIMIT = 1e-12;

  static List<GradientRow> rows() {
    return GradientTable.rows().stream().filter(row -> row.op() instanceof FusedOp).toList();
  }

  @Test
  void everyFusedOpIsCompared() throws IOException {
    assertThat(GradientTable.examined()).containsAll(OpClasses.concrete(FusedOp.class));
  }

  @ParameterizedTest
  @MethodSource("rows")
  void fusedEqualsItsDefinition(GradientRow row) {
    FusedOp op = (FusedOp) row.op();
    Program fused = xs -> List.of(op.apply(row.inputs(xs)));
    Program composed = xs -> List.of(op.definition(row.inputs(xs)));
    try (ReferenceBackend backend = new ReferenceBackend();
        Scope scope = Scope.open()) {
      List<Tensor> x = row.tensors(backend, row.point());
      List<Tensor> v = row.tensors(backend, row.directions(1));
      Autodiff.Jvp actual = Autodiff.jvp(fused, x, v);
      Autodiff.Jvp expected = Autodiff.jvp(composed, x, v);
      compare("value", actual.outputs(), expected.outputs());
      compare("jvp", actual.tangents(), expected.tangents());
      Program fusedScalar = xs -> List.of(row.scalar(fused.apply(xs).get(0)));
      Program composedScalar = xs -> List.of(row.scalar(composed.apply(xs).get(0)));
      Autodiff.Hvp actualHvp = Autodiff.hvp(fusedScalar, x, v);
      Autodiff.Hvp expectedHvp = Autodiff.hvp(composedScalar, x, v);
      compare("gradient", actualHvp.gradients(), expectedHvp.gradients());
      compare("hvp", actualHvp.products(), expectedHvp.products());
    }
  }

  private static void compare(String what, List<Tensor> actual, List<Tensor> expected) {
    for (int i = 0; i < expected.size(); i++) {
      Tolerance.checkNear(
          what + " " + i, actual.get(i).toDoubles(), expected.get(i).toDoubles(), LIMIT);
    }
  }
}
