package io.sagitta.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.sagitta.engine.ops.Cast;
import io.sagitta.kernels.Scope;
import io.sagitta.kernels.Tolerance;
import io.sagitta.kernels.reference.ReferenceBackend;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every op's derivative rules in float64: the tangent against central differences, the gradient as
 * the tangent's adjoint, and second and third derivatives against differences of the ones below and
 * against each other in every order of forward and reverse.
 */
@SuppressWarnings("try") // an open scope is used by the operations inside it
class GradientTableTest {
  /** Central differences: truncation about STEP², rounding about 1e-16/STEP. */
  private static final double STEP = 1e-5;

  private static final double DIFFERENCED = 3e-8;
  private static final double ALGEBRAIC = 1e-12;

  private final ReferenceBackend backend = new ReferenceBackend();

  static List<GradientRow> rows() {
    return GradientTable.rows();
  }

  @AfterEach
  void nothingIsLeft() {
    assertThat(backend.liveBytes()).isZero();
    assertThat(Scope.isOpen()).isFalse();
  }

  @Test
  void everyOpHasARow() throws IOException {
    Set<Class<?>> ops = new HashSet<>(OpClasses.concrete(Op.class));
    ops.remove(Cast.class); // It rounds, which differences see; Bf16TensorTest has its rules.
    assertThat(GradientTable.examined()).containsAll(ops);
  }

  @ParameterizedTest
  @MethodSource("rows")
  void tangentIsTheDifferenceQuotient(GradientRow row) {
    List<double[]> v = row.directions(1);
    try (Scope scope = Scope.open()) {
      Autodiff.Jvp jvp = Autodiff.jvp(program(row), point(row), row.tensors(backend, v));
      double[] expected = differences(row, v, xs -> row.apply(xs).toDoubles());
      assertThat(jvp.tangent().shape()).isEqualTo(jvp.output().shape());
      Tolerance.checkNear("jvp", jvp.tangent().toDoubles(), expected, DIFFERENCED);
      double[] value = row.apply(point(row)).toDoubles();
      Tolerance.checkNear("value", jvp.output().toDoubles(), value, ALGEBRAIC);
    }
  }

  @ParameterizedTest
  @MethodSource("rows")
  void gradientIsTheAdjointOfTheTangent(GradientRow row) {
    try (Scope scope = Scope.open()) {
      List<Tensor> v = row.tensors(backend, row.directions(1));
      Tensor tangent = Autodiff.jvp(program(row), point(row), v).tangent();
      try (Vjp vjp = Autodiff.vjp(program(row), point(row))) {
        Tensor w = randomLike(vjp.output());
        Tolerance.checkNear("⟨w,Jv⟩", dot(vjp.pullback(w), v), dot(w, tangent), ALGEBRAIC);
      }
    }
  }

  /** A rule may do less where fewer gradients are wanted, but those must not change. */
  @ParameterizedTest
  @MethodSource("rows")
  void oneArgumentAloneHasTheSameDerivatives(GradientRow row) {
    try (Scope scope = Scope.open()) {
      List<Tensor> x = point(row);
      List<Tensor> all = Autodiff.valueAndGrad(scalar(row), x).gradients();
      List<Tensor> v = row.tensors(backend, row.directions(1));
      for (int i = 0; i < x.size(); i++) {
        int index = i;
        Program alone = xs -> scalar(row).apply(replaced(x, index, xs.get(0)));
        Tensor gradient = Autodiff.valueAndGrad(alone, x.subList(i, i + 1)).gradients().get(0);
        Tolerance.checkNear(
            "gradient " + i, gradient.toDoubles(), all.get(i).toDoubles(), ALGEBRAIC);
        List<Tensor> only = new ArrayList<>(Collections.nCopies(x.size(), null));
        only.set(i, v.get(i));
        Tolerance.checkNear(
            "tangent " + i,
            Autodiff.jvp(scalar(row), x, only).tangent().item(),
            dot(gradient, v.get(i)),
            ALGEBRAIC);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("rows")
  void hessianProductIsTheDifferenceOfGradients(GradientRow row) {
    List<double[]> v = row.directions(1);
    try (Scope scope = Scope.open()) {
      double[] product = hvp(row, point(row), row.tensors(backend, v));
      double[] expected =
          differences(row, v, xs -> flat(Autodiff.valueAndGrad(scalar(row), xs).gradients()));
      Tolerance.checkNear("Hv", product, expected, DIFFERENCED);
    }
  }

  @ParameterizedTest
  @MethodSource("rows")
  void everyOrderOfModesGivesTheSameHessian(GradientRow row) {
    try (Scope scope = Scope.open()) {
      List<Tensor> x = point(row);
      List<Tensor> u = row.tensors(backend, row.directions(2));
      List<Tensor> v = row.tensors(backend, row.directions(1));
      double[] product = hvp(row, x, v);
      double[] flatU = flat(u);
      Tolerance.checkNear(
          "⟨u,Hv⟩ = ⟨v,Hu⟩", dot(flatU, product), dot(flat(v), hvp(row, x, u)), ALGEBRAIC);
      Program slope = xs -> List.of(Autodiff.jvp(scalar(row), xs, v).tangent());
      Tolerance.checkNear(
          "reverse over forward",
          flat(Autodiff.valueAndGrad(slope, x).gradients()), product, ALGEBRAIC);
      Program along =
          xs -> List.of(inner(Autodiff.valueAndGrad(scalar(row), xs).gradients(), v));
      Tolerance.checkNear(
          "reverse over reverse",
          flat(Autodiff.valueAndGrad(along, x).gradients()), product, ALGEBRAIC);
      Tolerance.checkNear(
          "forward over forward",
          Autodiff.jvp(slope, x, u).tangent().item(), dot(flatU, product), ALGEBRAIC);
    }
  }

  @ParameterizedTest
  @MethodSource("rows")
  void thirdDerivativeIsTheDifferenceOfHessianProducts(GradientRow row) {
    List<double[]> u = row.directions(2);
    try (Scope scope = Scope.open()) {
      List<Tensor> v = row.tensors(backend, row.directions(1));
      List<Tensor> directions = row.tensors(backend, u);
      Program products = xs -> Autodiff.hvp(scalar(row), xs, v).products();
      double[] third = flat(Autodiff.jvp(products, point(row), directions).tangents());
      double[] expected = differences(row, u, xs -> hvp(row, xs, v));
      Tolerance.checkNear("jvp of hvp", third, expected, DIFFERENCED);
      Program along = xs -> List.of(inner(products.apply(xs), directions));
      double[] reversed = flat(Autodiff.valueAndGrad(along, point(row)).gradients());
      Tolerance.checkNear("gradient of ⟨u,Hv⟩", reversed, third, ALGEBRAIC);
    }
  }

  private interface Function {
    double[] apply(List<Tensor> inputs);
  }

  private double[] differences(GradientRow row, List<double[]> direction, Function f) {
    double[] plus = f.apply(shifted(row, direction, STEP));
    double[] minus = f.apply(shifted(row, direction, -STEP));
    for (int i = 0; i < plus.length; i++) {
      plus[i] = (plus[i] - minus[i]) / (2 * STEP);
    }
    return plus;
  }

  private List<Tensor> shifted(GradientRow row, List<double[]> direction, double step) {
    List<double[]> point = row.point();
    for (int i = 0; i < point.size(); i++) {
      for (int j = 0; j < point.get(i).length; j++) {
        point.get(i)[j] += step * direction.get(i)[j];
      }
    }
    return row.tensors(backend, point);
  }

  private List<Tensor> point(GradientRow row) {
    return row.tensors(backend, row.point());
  }

  private static Program program(GradientRow row) {
    return xs -> List.of(row.apply(xs));
  }

  private static Program scalar(GradientRow row) {
    return xs -> List.of(row.scalar(row.apply(xs)));
  }

  private static double[] hvp(GradientRow row, List<Tensor> x, List<Tensor> v) {
    return flat(Autodiff.hvp(scalar(row), x, v).products());
  }

  private static List<Tensor> replaced(List<Tensor> all, int index, Tensor replacement) {
    List<Tensor> changed = new ArrayList<>(all);
    changed.set(index, replacement);
    return changed;
  }

  private Tensor randomLike(Tensor y) {
    double[] values = new Random(5).doubles(y.shape().elements(), -1, 1).toArray();
    return Tensor.of(backend, y.shape(), values);
  }

  private static Tensor inner(List<Tensor> a, List<Tensor> b) {
    Tensor sum = a.get(0).mul(b.get(0)).sum();
    for (int i = 1; i < a.size(); i++) {
      sum = sum.add(a.get(i).mul(b.get(i)).sum());
    }
    return sum;
  }

  private static double dot(List<Tensor> a, List<Tensor> b) {
    return dot(flat(a), flat(b));
  }

  private static double dot(Tensor a, Tensor b) {
    return dot(a.toDoubles(), b.toDoubles());
  }

  private static double dot(double[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += a[i] * b[i];
    }
    return sum;
  }

  private static double[] flat(List<Tensor> tensors) {
    return tensors.stream().flatMapToDouble(t -> Arrays.stream(t.toDoubles())).toArray();
  }
}
