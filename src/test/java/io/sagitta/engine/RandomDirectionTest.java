package io.sagitta.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.sagitta.engine.ops.Conv2d;
import io.sagitta.kernels.Backend;
import io.sagitta.kernels.Backends;
import io.sagitta.kernels.Philox;
import io.sagitta.kernels.Scope;
import io.sagitta.kernels.reference.ReferenceBackend;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Directions that are described, along networks that can and that cannot read them unstored. */
@SuppressWarnings("try") // an open scope is used by the operations inside it
class RandomDirectionTest {
  private static final Shape IMAGES = Shape.of(2, 5, 4, 3);
  private static final RandomDirection DIRECTION =
      new RandomDirection(3, new long[] {1, 2}, new long[] {3, 4}, 0.5, 0.25);

  static Stream<Backends.Candidate> backends() {
    return Backends.float32();
  }

  @Test
  void numbersAreSumsOfPhiloxSigns() {
    byte[] v = new byte[60];
    byte[] u = new byte[60];
    try (Backend backend = new ReferenceBackend();
        Scope scope = Scope.open()) {
      double[] numbers = DIRECTION.on(backend, IMAGES).toDoubles();
      for (int row = 0; row < 2; row++) {
        new Philox(3).rademacher(1 + row, v);
        new Philox(3).rademacher(3 + row, u);
        for (int e = 0; e < 60; e++) {
          assertThat(numbers[row * 60 + e]).isEqualTo(0.5 * v[e] + 0.25 * u[e]);
        }
      }
      assertThat(scope.size()).as("what is left beside the numbers").isEqualTo(1);
    }
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("backends")
  void everyReaderSeesTheSameNumbers(Backends.Candidate candidate) {
    try (Backend backend = candidate.open()) {
      try (Scope scope = Scope.open()) {
        Tensor w = Tensor.of(backend, Shape.of(2, 3, 3, 3), uniform(54));
        UnaryOperator<Tensor> convolved = x -> Conv2d.conv2d(x, w, 1, 1);
        compare(backend, convolved);
        compare(backend, x -> convolved.apply(x).add(Conv2d.conv2d(x, w, 1, 1)).relu());
        compare(backend, x -> convolved.apply(x.mul(2)));
        compare(backend, x -> x.reshape(Shape.of(2, 60)).sum(1));
        compare(backend, x -> x);
      }
      assertThat(backend.liveBytes()).isZero();
    }
  }

  private static void compare(Backend backend, UnaryOperator<Tensor> network) {
    try (Scope scope = Scope.open();
        Plan plan = Plan.of(network, backend, IMAGES)) {
      plan.base(Tensor.of(backend, IMAGES, uniform(120)));
      Tensor first = plan.jvp(DIRECTION);
      RandomDirection other = RandomDirection.of(9, new long[] {7, 8}, 1);
      Tensor second = plan.jvp(other);
      near(first, plan.jvp(DIRECTION.on(backend, IMAGES)));
      near(second, plan.jvp(other.on(backend, IMAGES)));
    }
  }

  private static void near(Tensor actual, Tensor expected) {
    float[] wanted = expected.toFloats();
    float[] got = actual.toFloats();
    assertThat(got).hasSameSizeAs(wanted);
    for (int i = 0; i < got.length; i++) {
      assertThat(got[i]).isCloseTo(wanted[i], within(1e-5f));
    }
  }

  private static double[] uniform(int count) {
    return IntStream.range(0, count).mapToDouble(i -> new Philox(3).uniform(0, i) - 0.5).toArray();
  }

  @Test
  void aDirectionIsOfTheBatch() {
    try (Backend backend = new ReferenceBackend();
        Scope scope = Scope.open();
        Plan plan = Plan.of(x -> x, backend, Shape.of(3, 2))) {
      plan.base(Tensor.zeros(backend, Shape.of(3, 2)));
      assertThatThrownBy(() -> plan.jvp(DIRECTION))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContainingAll("random direction", "3 samples", "got 2");
      RandomDirection uneven = new RandomDirection(1, new long[3], new long[2], 1, 1);
      assertThatThrownBy(() -> plan.jvp(uneven))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContainingAll("3 and 2");
    }
  }
}
