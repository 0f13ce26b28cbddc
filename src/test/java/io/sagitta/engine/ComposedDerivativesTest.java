package io.sagitta.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.sagitta.engine.ops.BatchNorm;
import io.sagitta.engine.ops.Conv2d;
import io.sagitta.engine.ops.CrossEntropy;
import io.sagitta.engine.ops.Pooling;
import io.sagitta.kernels.Scope;
import io.sagitta.kernels.Tolerance;
import io.sagitta.kernels.reference.ReferenceBackend;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Derivatives of functions that are made of derivatives. */
@SuppressWarnings("try") // an open scope is used by the operations inside it
class ComposedDerivativesTest {
  private static final double LIMIT = 1e-12;

  private final ReferenceBackend backend = new ReferenceBackend();
  private Scope scope;

  @BeforeEach
  void open() {
    scope = Scope.open();
  }

  @AfterEach
  void nothingIsLeft() {
    scope.close();
    assertThat(backend.liveBytes()).isZero();
  }

  /** Derivative of a scalar function of one number by one mode. */
  private interface Mode {
    Tensor derivative(UnaryOperator<Tensor> f, Tensor x);
  }

  private static final Mode REVERSE = Autodiff::grad;
  private static final Mode FORWARD =
      (f, x) -> Autodiff.jvp(f, x, Tensor.scalar(x.backend(), 1)).tangent();
  private static final List<Mode> MODES = List.of(REVERSE, FORWARD);

  /** d/dx (x · d/dy (x + y)) = 1: an inner derivative that mistook x for y would give 2. */
  @Test
  void perturbationsAreNotConfused() {
    for (Mode outer : MODES) {
      for (Mode inner : MODES) {
        Tensor derivative =
            outer.derivative(
                x -> x.mul(inner.derivative(y -> x.add(y), number(1))), number(1));
        assertThat(derivative.item()).isEqualTo(1);
      }
    }
  }

  /** d/dx at 3 of x·(d/dy x·y² at y = x, the inner point itself traced) = d/dx 2x³ = 54. */
  @Test
  void innerPointMayBeTheOuterVariable() {
    for (Mode outer : MODES) {
      for (Mode inner : MODES) {
        Tensor derivative =
            outer.derivative(
                x -> x.mul(inner.derivative(y -> x.mul(y.square()), x)), number(3));
        assertThat(derivative.item()).isEqualTo(54);
      }
    }
  }

  /** The slope of the logarithm at 0 is infinite, but what lost has no part in it. */
  @Test
  void whatIsNotTheMaximumHasNoGradient() {
    Tensor zero = number(0);
    assertThat(Autodiff.grad(x -> x.max(zero).log(), number(-1)).item()).isZero();
    assertThat(Autodiff.grad(x -> zero.max(x).log(), number(-1)).item()).isZero();
    assertThat(Autodiff.grad(x -> x.max(zero).log(), number(2)).item()).isEqualTo(0.5);
  }

  @Test
  void outputsWithoutAGradientCountAsZero() {
    Program f = xs -> List.of(xs.get(0).mul(2), xs.get(0).mul(3));
    try (Vjp vjp = Autodiff.vjp(f, List.of(number(1)))) {
      assertThat(vjp.pullback(number(1)).get(0).item()).isEqualTo(2);
      assertThat(vjp.pullback(null, number(1)).get(0).item()).isEqualTo(3);
    }
  }

  @Test
  void fifthDerivativeOfTheExponentialInEveryMixOfModes() {
    for (int mix = 0; mix < 32; mix++) {
      UnaryOperator<Tensor> f = x -> x.mul(2).exp();
      for (int order = 0; order < 5; order++) {
        Mode mode = MODES.get(mix >> order & 1);
        UnaryOperator<Tensor> below = f;
        f = x -> mode.derivative(below, x);
      }
      Tolerance.checkNear("mix " + mix, f.apply(number(0.3)).item(), 32 * Math.exp(0.6), LIMIT);
    }
  }

  @Test
  void gradientOfAConstantIsZero() {
    Tensor constant = number(4);
    assertThat(Autodiff.grad(x -> constant, number(1)).item()).isZero();
    assertThat(Autodiff.jvp(x -> constant, number(1), number(1)).tangent().item()).isZero();
  }

  @Test
  void identityAndRepeatedOutputsCount() {
    try (Vjp vjp = Autodiff.vjp(xs -> List.of(xs.get(0), xs.get(0)), List.of(number(2)))) {
      assertThat(vjp.pullback(number(3), number(5)).get(0).item()).isEqualTo(8);
    }
  }

  @Test
  void valueStopsTheDerivative() {
    assertThat(Autodiff.grad(x -> x.mul(x.value()), number(3)).item()).isEqualTo(3);
  }

  @Test
  void absentDirectionsAreZero() {
    List<Tensor> directions = new ArrayList<>();
    directions.add(null);
    directions.add(number(1));
    Autodiff.Jvp jvp =
        Autodiff.jvp(
            xs -> List.of(xs.get(0).mul(xs.get(1)), xs.get(0)),
            List.of(number(3), number(5)), directions);
    assertThat(jvp.tangents()).extracting(Tensor::item).containsExactly(3.0, 0.0);
  }

  @Test
  void transposedJacobianOfSeveralOutputs() {
    Program f = xs -> List.of(xs.get(0).mul(xs.get(1)), xs.get(0).square());
    try (Vjp vjp = Autodiff.vjp(f, List.of(number(3), number(5)))) {
      assertThat(vjp.outputs()).extracting(Tensor::item).containsExactly(15.0, 9.0);
      assertThat(vjp.pullback(number(1), number(10))).extracting(Tensor::item)
          .containsExactly(65.0, 3.0);
      assertThat(vjp.pullback(number(1))).extracting(Tensor::item).containsExactly(5.0, 3.0);
    }
  }

  /** Convolution, batch norm in training, pooling and cross-entropy, in images and parameters. */
  @Test
  void smallNetworkInInputsAndParametersTogether() {
    Random random = new Random(3);
    List<Shape> shapes =
        List.of(
            Shape.of(3, 6, 6, 2), Shape.of(4, 2, 3, 3), Shape.of(4), Shape.of(4), Shape.of(4, 5));
    List<Tensor> point = random(shapes, random);
    List<Tensor> v = random(shapes, random);
    List<Tensor> products = Autodiff.hvp(this::loss, point, v).products();
    double step = 1e-6;
    List<Tensor> plus = gradients(moved(point, v, step));
    List<Tensor> minus = gradients(moved(point, v, -step));
    for (int i = 0; i < point.size(); i++) {
      Tensor quotient = plus.get(i).sub(minus.get(i)).mul(0.5 / step);
      Tolerance.checkNear("Hv " + i, products.get(i).toDoubles(), quotient.toDoubles(), 1e-7);
    }
  }

  /** ∂/∂θ ⟨∂ℓ/∂x, v⟩ and the θ part of H·(v, 0) are one thing. */
  @Test
  void parameterGradientOfAnInputGradient() {
    Random random = new Random(4);
    Tensor x = random(Shape.of(2, 3), random);
    Tensor theta = random(Shape.of(3, 4), random);
    Tensor v = random(Shape.of(2, 3), random);
    Program f = xs -> List.of(CrossEntropy.crossEntropy(xs.get(0).matmul(xs.get(1)), 3, 0).sum());
    Tensor mixed =
        Autodiff.grad(
            t -> Autodiff.grad(z -> f.apply(List.of(z, t)).get(0), x).mul(v).sum(), theta);
    List<Tensor> directions = List.of(v, Tensor.zeros(backend, theta.shape()));
    Tensor product = Autodiff.hvp(f, List.of(x, theta), directions).products().get(1);
    Tolerance.checkNear("mixed", mixed.toDoubles(), product.toDoubles(), LIMIT);
  }

  @Test
  void threadsDifferentiateIndependently() throws Exception {
    ExecutorService pool = Executors.newFixedThreadPool(4);
    try {
      List<Callable<Double>> tasks = new ArrayList<>();
      for (int i = 0; i < 16; i++) {
        double at = i;
        tasks.add(
            () -> {
              try (Scope own = Scope.open()) {
                return Autodiff.hvp(x -> x.mul(x).mul(x), number(at), number(1)).product().item();
              }
            });
      }
      List<Future<Double>> results = pool.invokeAll(tasks);
      for (int i = 0; i < results.size(); i++) {
        assertThat(results.get(i).get()).isEqualTo(6.0 * i);
      }
    } finally {
      pool.shutdown();
    }
  }

  private List<Tensor> loss(List<Tensor> in) {
    Tensor y = Conv2d.conv2d(in.get(0), in.get(1), 1, 1);
    Tensor normal =
        BatchNorm.train(y, in.get(2), in.get(3), BatchNorm.statistics(y), null, true, 1e-5);
    Tensor pooled = Pooling.globalAvgPool2d(Pooling.maxPool2d(normal.tanh(), 2, 2, 0));
    return List.of(CrossEntropy.crossEntropy(pooled.matmul(in.get(4)), 2, 0, 4).mean());
  }

  private List<Tensor> gradients(List<Tensor> point) {
    return Autodiff.valueAndGrad(this::loss, point).gradients();
  }

  private static List<Tensor> moved(List<Tensor> point, List<Tensor> v, double step) {
    List<Tensor> moved = new ArrayList<>();
    for (int i = 0; i < point.size(); i++) {
      moved.add(point.get(i).add(v.get(i).mul(step)));
    }
    return moved;
  }

  private List<Tensor> random(List<Shape> shapes, Random random) {
    return shapes.stream().<Tensor>map(shape -> random(shape, random)).toList();
  }

  private Tensor random(Shape shape, Random random) {
    return Tensor.of(backend, shape, random.doubles(shape.elements(), -1, 1).toArray());
  }

  private Tensor number(double value) {
    return Tensor.scalar(backend, value);
  }
}
