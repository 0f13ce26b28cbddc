package io.sagitta.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sagitta.engine.ops.BatchNorm;
import io.sagitta.engine.ops.Conv2d;
import io.sagitta.engine.ops.Conv2dGradWeight;
import io.sagitta.engine.ops.Conv2dStatistics;
import io.sagitta.engine.ops.ConvBiasAct;
import io.sagitta.engine.ops.ConvParameters;
import io.sagitta.engine.ops.NormReluConv2d;
import io.sagitta.engine.ops.Pooling;
import io.sagitta.kernels.Backend;
import io.sagitta.kernels.Backends;
import io.sagitta.kernels.DType;
import io.sagitta.kernels.Precision;
import io.sagitta.kernels.Scope;
import io.sagitta.kernels.Tolerance;
import io.sagitta.kernels.reference.ReferenceBackend;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Tensors stored as bfloat16, on every backend that stores them. */
@SuppressWarnings("try") // an open scope is used by the operations inside it
class Bf16TensorTest {
  private static final ConvParameters BF16 = new ConvParameters(1, 1, 1, Precision.BF16);
  private static final ConvParameters FP32 = new ConvParameters(1, 1, 1, Precision.FP32);
  private static final double EPSILON = 1e-5;

  /** Half a unit of eight significant bits. */
  private static final double ROUNDED = 0x1p-8;

  private static final Shape IMAGES = Shape.of(2, 6, 6, 8);
  private static final Shape WEIGHTS = Shape.of(8, 8, 3, 3);

  static Stream<Backends.Candidate> backends() {
    return Backends.float32();
  }

  /** Runs a test in a scope on a backend that stores bfloat16, and looks for what is left. */
  private static void on(Backends.Candidate candidate, Consumer<Backend> test) {
    try (Backend backend = candidate.open()) {
      Assumptions.assumeTrue(
          backend.storesBf16(), "no images of bfloat16: " + backend.description());
      try (Scope scope = Scope.open()) {
        test.accept(backend);
      }
      assertThat(backend.liveBytes()).isZero();
    }
  }

  private static DenseTensor normal(Backend backend, int seed, Shape shape) {
    Random random = new Random(seed);
    float[] values = new float[(int) shape.elements()];
    IntStream.range(0, values.length).forEach(i -> values[i] = (float) random.nextGaussian());
    return Tensor.of(backend, shape, values);
  }

  private static Tensor images(Backend backend, int seed) {
    return normal(backend, seed, IMAGES).cast(DType.BF16);
  }

  @ParameterizedTest
  @MethodSource("backends")
  void roundsAndComesBack(Backends.Candidate candidate) {
    on(
        candidate,
        backend -> {
          Tensor x = Tensor.of(backend, Shape.of(4), 1f, 1.00390625f, -3.14159274f, 1e-40f);
          Tensor rounded = x.cast(DType.BF16);
          assertThat(rounded.type()).isEqualTo(DType.BF16);
          assertThat(rounded.value().bytes()).isEqualTo(8);
          assertThat(rounded).hasToString("BF16[4]");
          float[] expected = {1, 1, -3.140625f, Float.intBitsToFloat(1 << 16)};
          assertThat(rounded.toFloats()).isEqualTo(expected);
          assertThat(rounded.cast(DType.F32).toFloats()).isEqualTo(expected);
          assertThat(rounded.cast(DType.BF16)).isSameAs(rounded);
        });
  }

  @ParameterizedTest
  @MethodSource("backends")
  void storageFollowsTheImages(Backends.Candidate candidate) {
    on(
        candidate,
        backend -> {
          Tensor x = images(backend, 1);
          Tensor w = normal(backend, 2, WEIGHTS);
          Tensor channels = normal(backend, 3, Shape.of(8));
          Tensor y = Conv2d.conv2d(x, w, BF16);
          DenseTensor statistics = BatchNorm.statistics(y);
          assertThat(y.type()).isEqualTo(DType.BF16);
          assertThat(statistics.type()).isEqualTo(DType.F32);
          assertThat(Conv2d.conv2d(x, w, FP32).type()).isEqualTo(DType.F32);
          assertThat(Conv2d.conv2d(x.cast(DType.F32), w, BF16).type()).isEqualTo(DType.F32);
          assertThat(ConvBiasAct.convBiasAct(x, w, channels, y, BF16, true).type())
              .isEqualTo(DType.BF16);
          assertThat(
                  BatchNorm.train(y, channels, channels, statistics, null, true, EPSILON).type())
              .isEqualTo(DType.BF16);
          assertThat(new Conv2dGradWeight(BF16, WEIGHTS).apply(x, y).type())
              .isEqualTo(DType.F32);
          assertThat(x.add(y).type()).isEqualTo(DType.BF16);
          assertThat(x.add(y.cast(DType.F32)).type()).isEqualTo(DType.F32);
          assertThat(x.reshape(Shape.of(2, 288)).type()).isEqualTo(DType.BF16);
          assertThat(Pooling.maxPool2d(x, 3, 2, 1).type()).isEqualTo(DType.BF16);
          assertThat(Pooling.maxPool2d(x.cast(DType.F32), 3, 2, 1).type()).isEqualTo(DType.F32);
        });
  }

  /** Whatever has no kernel for it computes with the same numbers in binary32. */
  @ParameterizedTest
  @MethodSource("backends")
  void otherOpsWiden(Backends.Candidate candidate) {
    on(
        candidate,
        backend -> {
          Tensor x = images(backend, 1);
          Tensor wide = x.cast(DType.F32);
          Tensor row = normal(backend, 2, Shape.of(8));
          assertThat(x.exp().toFloats()).isEqualTo(wide.exp().toFloats());
          assertThat(x.mul(row).toFloats()).isEqualTo(wide.mul(row).toFloats());
          assertThat(x.add(row).toFloats()).isEqualTo(wide.add(row).toFloats());
          assertThat(x.mask(wide.neg()).toFloats()).isEqualTo(wide.mask(wide.neg()).toFloats());
          assertThat(x.sum(1, 2).toFloats()).isEqualTo(wide.sum(1, 2).toFloats());
          assertThat(x.slice(3, 1, 3).toFloats()).isEqualTo(wide.slice(3, 1, 3).toFloats());
          assertThat(Pooling.maxPool2d(x, 3, 2, 1).toFloats())
              .isEqualTo(Pooling.maxPool2d(wide, 3, 2, 1).toFloats());
          assertThat(Pooling.globalAvgPool2d(x).toFloats())
              .isEqualTo(Pooling.globalAvgPool2d(wide).toFloats());
        });
  }

  @ParameterizedTest
  @MethodSource("backends")
  void gradientsAreStoredAsWhatTheyBelongTo(Backends.Candidate candidate) {
    on(
        candidate,
        backend -> {
          Tensor x = normal(backend, 1, IMAGES);
          Tensor c = normal(backend, 2, IMAGES);
          Tensor g = Autodiff.grad(t -> t.cast(DType.BF16).mul(c).sum(), x);
          assertThat(g.type()).isEqualTo(DType.F32);
          assertThat(g.toFloats()).isEqualTo(c.cast(DType.BF16).toFloats());
          Tensor ofRounded = Autodiff.grad(t -> t.mul(c).sum(), x.cast(DType.BF16));
          assertThat(ofRounded.type()).isEqualTo(DType.BF16);
          Tensor tangent = Autodiff.jvp(t -> t.cast(DType.BF16), x, c).tangent();
          assertThat(tangent.toFloats()).isEqualTo(c.cast(DType.BF16).toFloats());
        });
  }

  /** Its winners, tangent and gradient are those of the same numbers in binary32, stored likewise. */
  @ParameterizedTest
  @MethodSource("backends")
  void poolsImagesAsTheyAreStored(Backends.Candidate candidate) {
    on(
        candidate,
        backend -> {
          Tensor x = images(backend, 1);
          Tensor direction = images(backend, 2);
          Tensor ofPooled = normal(backend, 3, Shape.of(2, 3, 3, 8)).cast(DType.BF16);
          Tensor wide = x.cast(DType.F32);
          Autodiff.Jvp narrow = Autodiff.jvp(t -> Pooling.maxPool2d(t, 3, 2, 1), x, direction);
          assertThat(narrow.tangent().type()).isEqualTo(DType.BF16);
          assertThat(narrow.tangent().toFloats())
              .isEqualTo(
                  Autodiff.jvp(
                          t -> Pooling.maxPool2d(t, 3, 2, 1), wide, direction.cast(DType.F32))
                      .tangent().toFloats());
          try (Vjp vjp = Autodiff.vjp(t -> Pooling.maxPool2d(t, 3, 2, 1), x);
              Vjp exact = Autodiff.vjp(t -> Pooling.maxPool2d(t, 3, 2, 1), wide)) {
            Tensor gradient = vjp.pullback(ofPooled).get(0);
            Tensor rounded =
                exact.pullback(ofPooled.cast(DType.F32)).get(0).cast(DType.BF16);
            assertThat(gradient.type()).isEqualTo(DType.BF16);
            assertThat(gradient.toFloats()).isEqualTo(rounded.toFloats());
          }
        });
  }

  /** Two layers, a residual and a pooled head, against float64 from the same images. */
  @ParameterizedTest
  @MethodSource("backends")
  void aBlocksGradientsAreThoseOfFloat64(Backends.Candidate candidate) {
    on(
        candidate,
        backend -> {
          List<double[]> actual = blockGradients(backend, DType.BF16, Precision.BF16);
          try (Backend reference = new ReferenceBackend()) {
            List<double[]> expected = blockGradients(reference, DType.F64, Precision.FP32);
            for (int i = 0; i < expected.size(); i++) {
              // Some eight roundings on the way, and rectifiers that they move.
              Tolerance.checkNorm("part " + i, actual.get(i), expected.get(i), 16 * ROUNDED);
            }
          }
        });
  }

  /** Loss, then gradients in both weights, gamma and beta. */
  private static List<double[]> blockGradients(Backend backend, DType stored, Precision products) {
    ConvParameters parameters = new ConvParameters(1, 1, 1, products);
    try (Scope scope = Scope.open()) {
      Tensor x = normal(backend, 1, IMAGES);
      Tensor direction = normal(backend, 5, Shape.of(2, 8));
      List<Tensor> weights =
          List.of(
              normal(backend, 2, WEIGHTS), normal(backend, 3, WEIGHTS),
              normal(backend, 4, Shape.of(8)), normal(backend, 6, Shape.of(8)));
      Autodiff.ValueAndGradients result =
          Autodiff.valueAndGrad(
              w -> {
                Tensor images = x.cast(stored);
                Conv2dStatistics.Result first =
                    Conv2dStatistics.conv2d(images, w.get(0), parameters);
                Conv2dStatistics.Result second =
                    NormReluConv2d.conv2d(
                        first, w.get(2), w.get(3), EPSILON, w.get(1), parameters);
                Tensor y =
                    BatchNorm.train(
                        second.y(), w.get(2), w.get(3), second.statistics(), images, true,
                        EPSILON);
                if (stored == DType.BF16) {
                  assertThat(y.type()).isEqualTo(DType.BF16);
                }
                return List.of(Pooling.globalAvgPool2d(y).mul(direction).sum());
              },
              weights);
      return Stream.concat(Stream.of(result.value()), result.gradients().stream())
          .map(Tensor::toDoubles)
          .toList();
    }
  }

  @ParameterizedTest
  @MethodSource("backends")
  void secondDerivativesPass(Backends.Candidate candidate) {
    on(
        candidate,
        backend -> {
          Tensor x = normal(backend, 1, IMAGES);
          Tensor v = normal(backend, 2, IMAGES);
          Tensor w = normal(backend, 3, WEIGHTS);
          Autodiff.Hvp half =
              Autodiff.hvp(t -> Conv2d.conv2d(t.cast(DType.BF16), w, BF16).square().sum(), x, v);
          Autodiff.Hvp exact =
              Autodiff.hvp(t -> Conv2d.conv2d(t, w, FP32).square().sum(), x, v);
          Tolerance.checkNorm(
              "Hv", half.product().toDoubles(), exact.product().toDoubles(), 4 * ROUNDED);
        });
  }

  @Test
  void aBackendWithoutSaysSo() {
    try (Backend backend = new ReferenceBackend();
        Scope scope = Scope.open()) {
      Tensor x = Tensor.zeros(backend, Shape.of(3));
      assertThatThrownBy(() -> x.cast(DType.BF16))
          .isInstanceOf(UnsupportedOperationException.class)
          .hasMessageContaining("expected a backend that stores bfloat16");
      assertThat(x.cast(DType.F64)).isSameAs(x);
    }
  }
}
