package io.sagitta.engine.curvature;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.sagitta.engine.Autodiff;
import io.sagitta.engine.DenseTensor;
import io.sagitta.engine.Shape;
import io.sagitta.engine.Tensor;
import io.sagitta.engine.ops.CrossEntropy;
import io.sagitta.kernels.Backend;
import io.sagitta.kernels.Backends;
import io.sagitta.kernels.Scope;
import io.sagitta.kernels.Tolerance;
import io.sagitta.kernels.reference.ReferenceBackend;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Products with the Hessian against the dense one and against eager autodiff, in float64. */
class HessianProductsTest {
  private static final int COUNT = 3;

  static Stream<Backends.Candidate> backends() {
    return Backends.float32();
  }

  @ParameterizedTest
  @MethodSource("backends")
  @SuppressWarnings("try") // an open scope is used by the operations inside it
  void rectifiedNetworksAgainstTheDenseHessian(Backends.Candidate candidate) {
    SmallResNet network = new SmallResNet(COUNT);
    Samples samples = network.samples();
    double[][] dense = network.denseHessians();
    int d = samples.elements();
    double[] v = new Random(5).doubles(COUNT * d, -1, 1).toArray();
    try (Backend backend = candidate.open()) {
      double[][] found = network.on(backend, logits -> productAndForms(logits, backend, samples, v));
      for (int s = 0; s < COUNT; s++) {
        double[] expected = new double[d];
        double form = 0;
        double norm = 0;
        double error = 0;
        for (int i = 0; i < d; i++) {
          for (int j = 0; j < d; j++) {
            expected[i] += dense[s][j * d + i] * v[s * d + j];
          }
          form += expected[i] * v[s * d + i];
          norm += expected[i] * expected[i];
          error += Math.pow(found[0][s * d + i] - expected[i], 2);
        }
        // Two passes of float32 arithmetic, each with a few roundings of 6e-8 in a row.
        assertThat(Math.sqrt(error / norm)).isLessThan(1e-4);
        Tolerance.checkNear("form " + s, found[1][s], form, 1e-4);
      }
      assertThat(backend.liveBytes()).isZero();
    }
  }

  /** A smooth network, which takes the other way. */
  @Test
  @SuppressWarnings("try") // an open scope is used by the operations inside it
  void smoothNetworksAgainstEagerAutodiff() {
    Samples samples = Networks.samples(COUNT);
    Logits smooth = x -> Networks.linear().logits(x.tanh());
    double[] v = new Random(6).doubles(COUNT * Networks.DIMENSION, -1, 1).toArray();
    try (Backend backend = new ReferenceBackend();
        Scope scope = Scope.open()) {
      double[][] found = productAndForms(smooth, backend, samples, v);
      double[] expected =
          Autodiff.hvp(
                  z -> CrossEntropy.crossEntropy(smooth.logits(z), samples.labels()).sum(),
                  samples.upload(backend), Tensor.of(backend, samples.batch(COUNT), v))
              .product()
              .toDoubles();
      double[] forms = new double[COUNT];
      for (int i = 0; i < v.length; i++) {
        Tolerance.checkNear("product " + i, found[0][i], expected[i], 1e-12);
        forms[i / Networks.DIMENSION] += expected[i] * v[i];
      }
      for (int s = 0; s < COUNT; s++) {
        Tolerance.checkNear("form " + s, found[1][s], forms[s], 1e-12);
      }
    }
  }

  /** Whose losses are 1e-6 and less: there float32 has no digit of 1 − p left to subtract. */
  @ParameterizedTest
  @MethodSource("backends")
  @SuppressWarnings("try") // an open scope is used by the operations inside it
  void smoothNetworksThatAreSureKeepTheirDigits(Backends.Candidate candidate) {
    Samples samples = Networks.samples(COUNT);
    double[] v = new Random(7).doubles(COUNT * Networks.DIMENSION, -1, 1).toArray();
    double[] expected;
    try (Backend float64 = new ReferenceBackend()) {
      expected = formsOfSure(float64, samples, v);
    }
    try (Backend backend = candidate.open()) {
      double[] found = formsOfSure(backend, samples, v);
      for (int s = 0; s < COUNT; s++) {
        // A dozen roundings of 6e-8, and those of logits of 18, which are errors of 1 − p.
        assertThat(found[s] / expected[s]).isCloseTo(1, within(2e-5));
      }
    }
  }

  @SuppressWarnings("try") // an open scope is used by the operations inside it
  private static double[] formsOfSure(Backend backend, Samples samples, double[] v) {
    try (Scope scope = Scope.open()) {
      Shape shape = Shape.of(Networks.DIMENSION, Networks.CLASSES);
      Tensor weights = Tensor.of(backend, shape, Networks.weights());
      Tensor bias = Tensor.of(backend, Shape.of(Networks.CLASSES), 0, 18, 0);
      Logits sure = x -> x.tanh().matmul(weights).add(bias);
      return productAndForms(sure, backend, samples, v)[1];
    }
  }

  /** One base point after another, several products at each. */
  @Test
  @SuppressWarnings("try") // an open scope is used by the operations inside it
  void newBasePointsReplaceOldOnes() {
    Samples samples = Networks.samples(2);
    double[] ones = new double[Networks.DIMENSION];
    Arrays.fill(ones, 1);
    try (Backend backend = new ReferenceBackend();
        Scope scope = Scope.open();
        HessianProducts products =
            HessianProducts.of(Networks.linear(), backend, Shape.of(1, Networks.DIMENSION))) {
      DenseTensor v = Tensor.of(backend, Shape.of(1, Networks.DIMENSION), ones);
      assertThatThrownBy(() -> products.times(v)).isInstanceOf(IllegalStateException.class);
      for (int s : new int[] {0, 1, 0}) {
        DenseTensor x = Networks.only(samples, s).upload(backend);
        products.at(x, new int[] {1});
        double[] hessian = Networks.linearHessian(Networks.point(samples, s));
        for (int again = 0; again < 2; again++) {
          Tolerance.checkNear(
              "form", products.forms(v)[0], Arrays.stream(hessian).sum(), 1e-12);
        }
      }
      assertThatThrownBy(() -> products.at(v, new int[] {1, 2}))
          .hasMessageContainingAll("expected 1 labels", "2");
    }
  }

  @SuppressWarnings("try") // an open scope is used by the operations inside it
  private static double[][] productAndForms(
      Logits network, Backend backend, Samples samples, double[] v) {
    try (Scope scope = Scope.open();
        HessianProducts products =
            HessianProducts.of(network, backend, samples.batch(samples.count()))) {
      DenseTensor direction = Tensor.of(backend, samples.batch(samples.count()), v);
      products.at(samples.upload(backend), samples.labels());
      return new double[][] {products.times(direction).toDoubles(), products.forms(direction)};
    }
  }
}
