package io.sagitta.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sagitta.engine.ops.Concat;
import io.sagitta.engine.ops.Conv2d;
import io.sagitta.engine.ops.ConvBiasAct;
import io.sagitta.engine.ops.ConvParameters;
import io.sagitta.engine.ops.GroupNorm;
import io.sagitta.engine.ops.LayerNorm;
import io.sagitta.engine.ops.Matmul;
import io.sagitta.kernels.Precision;
import io.sagitta.kernels.Scope;
import io.sagitta.kernels.Tolerance;
import io.sagitta.kernels.reference.ReferenceBackend;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Norms of samples' gradients, and gradients weighted by them, are those of each sample run alone, for
 * every op that reads a parameter.
 */
@SuppressWarnings("try") // an open scope is used by the operations inside it
class SampleGradientsTest {
  private static final int SAMPLES = 5;
  private static final double LIMIT = 1e-12;

  /** A function of parameters and images, [n, …], to numbers [n·k, …]. */
  private interface Layer {
    Tensor apply(List<Tensor> parameters, Tensor x);
  }

  private record Case(String name, Layer layer, Shape images, List<Shape> parameters) {
    @Override
    public String toString() {
      return name;
    }
  }

  private static Case of(String name, Layer layer, Shape images, Shape... parameters) {
    return new Case(name, layer, images, List.of(parameters));
  }

  private static Case convolution(
      String name, int stride, int padding, Shape images, Shape weights) {
    return of(name, (p, x) -> Conv2d.conv2d(x, p.get(0), stride, padding), images, weights);
  }

  static List<Case> cases() {
    return List.of(
        convolution("3x3, the gradient itself", 1, 1, Shape.of(5, 4, 3), Shape.of(2, 3, 3, 3)),
        convolution("3x3, as ghosts", 1, 1, Shape.of(2, 2, 6), Shape.of(7, 6, 3, 3)),
        convolution("1x1", 1, 0, Shape.of(3, 4, 5), Shape.of(3, 5, 1, 1)),
        convolution("1x1, stride 2", 2, 0, Shape.of(5, 4, 3), Shape.of(4, 3, 1, 1)),
        convolution("3x3, stride 2", 2, 1, Shape.of(5, 6, 2), Shape.of(3, 2, 3, 3)),
        convolution("patches", 2, 0, Shape.of(4, 6, 3), Shape.of(5, 3, 2, 2)),
        convolution("more padding than image", 1, 3, Shape.of(2, 1, 1), Shape.of(2, 1, 4, 4)),
        convolution("one pixel", 1, 1, Shape.of(1, 1, 3), Shape.of(4, 3, 3, 3)),
        of("two images a sample, the gradient itself", (p, x) -> Conv2d.conv2d(
                x.reshape(Shape.of(2 * x.shape().dim(0), 4, 4, 2)), p.get(0), 1, 1),
            Shape.of(2, 4, 4, 2), Shape.of(2, 2, 3, 3)),
        of("two images a sample, as ghosts", (p, x) -> Conv2d.conv2d(
                x.reshape(Shape.of(2 * x.shape().dim(0), 1, 1, 6)), p.get(0), 1, 1),
            Shape.of(2, 1, 1, 6), Shape.of(7, 6, 3, 3)),
        of("rectified with bias", (p, x) -> ConvBiasAct.convBiasAct(
                x, p.get(0), p.get(1), null, new ConvParameters(1, 1, 1, Precision.FP32), true),
            Shape.of(3, 3, 2), Shape.of(4, 2, 3, 3), Shape.of(4)),
        of("dense", (p, x) -> rows(x, 6).matmul(p.get(0), false, true).add(p.get(1)),
            Shape.of(6), Shape.of(4, 6), Shape.of(4)),
        of("dense from the left", (p, x) -> rows(x, 6).matmul(p.get(0)), Shape.of(6),
            Shape.of(6, 3)),
        of("tokens, the gradient itself", (p, x) -> tokens(p, x, 2), Shape.of(7, 2),
            Shape.of(3, 2), Shape.of(3)),
        of("tokens, as ghosts", (p, x) -> tokens(p, x, 9), Shape.of(2, 9), Shape.of(8, 9),
            Shape.of(8)),
        of("layer norm", (p, x) -> LayerNorm.layerNorm(rows(x, 4), p.get(0), p.get(1), 1e-3),
            Shape.of(3, 4), Shape.of(4), Shape.of(4)),
        of("group norm", (p, x) -> GroupNorm.groupNorm(x, p.get(0), p.get(1), 2, x, true, 1e-3),
            Shape.of(2, 3, 4), Shape.of(4), Shape.of(4)),
        of("group norm's scale", (p, x) -> GroupNorm.groupNorm(
                x, p.get(0), Tensor.zeros(x.backend(), Shape.of(4)), 4, null, false, 1e-3),
            Shape.of(2, 3, 4), Shape.of(4)),
        of("embedding", SampleGradientsTest::embedded, Shape.of(3, 4), Shape.of(1, 1, 4),
            Shape.of(1, 4, 4)));
  }

  /** [n·k, width]. */
  private static Tensor rows(Tensor x, int width) {
    return x.reshape(Shape.of(Math.toIntExact(x.shape().elements() / width), width));
  }

  private static Tensor tokens(List<Tensor> p, Tensor x, int width) {
    return new Matmul(false, true, Precision.FP32).apply(rows(x, width), p.get(0)).add(p.get(1));
  }

  /** A token before those of each sample, and an embedding of each place. */
  private static Tensor embedded(List<Tensor> p, Tensor x) {
    Tensor token = p.get(0).broadcastTo(x.shape().with(1, 1));
    return Concat.concat(1, List.of(token, x)).add(p.get(1));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void normsAndWeightedGradientsAreThoseOfSamplesAlone(Case c) {
    try (ReferenceBackend backend = new ReferenceBackend();
        Scope scope = Scope.open()) {
      Random random = new Random(c.name.hashCode());
      List<Tensor> parameters = new ArrayList<>();
      c.parameters.forEach(shape -> parameters.add(normal(backend, shape, random)));
      Tensor x = normal(backend, batch(c.images, SAMPLES), random);
      double[] weights = random.doubles(SAMPLES, 0, 1).toArray();

      SampleGradients.Result result =
          SampleGradients.weighted(
              p -> List.of(losses(c.layer.apply(p, x), SAMPLES)), parameters, norms -> weights);

      double[] expectedNorms = new double[SAMPLES];
      double[][] expected = new double[parameters.size()][];
      for (int n = 0; n < SAMPLES; n++) {
        Tensor one = x.slice(0, n, 1);
        List<Tensor> gradients =
            Autodiff.valueAndGrad(
                    p -> List.of(losses(c.layer.apply(p, one), 1).sum()), parameters)
                .gradients();
        for (int i = 0; i < expected.length; i++) {
          double[] g = gradients.get(i).toDoubles();
          expected[i] = expected[i] == null ? new double[g.length] : expected[i];
          for (int k = 0; k < g.length; k++) {
            expectedNorms[n] += g[k] * g[k];
            expected[i][k] += weights[n] * g[k];
          }
        }
      }
      Tolerance.checkNear("squared norms", result.squaredNorms(), expectedNorms, LIMIT);
      for (int i = 0; i < expected.length; i++) {
        Tolerance.checkNear(
            "gradient " + i, result.gradients().get(i).toDoubles(), expected[i], LIMIT);
      }
    }
  }

  @Test
  void manySamplesAreTakenInChunks() {
    // The windows of one such image fill the scratch memory.
    Shape images = Shape.of(1000, 1000, 1);
    Case large = convolution("large", 1, 1, images, Shape.of(1, 1, 3, 3));
    try (ReferenceBackend backend = ReferenceBackend.onAllCores();
        Scope scope = Scope.open()) {
      Random random = new Random(7);
      Tensor w = normal(backend, large.parameters.get(0), random);
      Tensor x = normal(backend, batch(images, 3), random);
      double[] all = norms(large.layer, x, w);
      for (int n = 0; n < all.length; n++) {
        double[] alone = norms(large.layer, x.slice(0, n, 1), w);
        Tolerance.checkNear("sample " + n, new double[] {all[n]}, alone, LIMIT);
        assertThat(alone[0]).isPositive();
      }
    }
  }

  private static double[] norms(Layer layer, Tensor x, Tensor w) {
    int samples = x.shape().dim(0);
    return SampleGradients.weighted(
            p -> List.of(layer.apply(p, x).square().sum(1, 2, 3)), List.of(w), n -> n)
        .squaredNorms();
  }

  @Test
  void aParameterOfAnOpWithoutARuleIsRefusedByName() {
    refused(
        p -> List.of(p.get(0).reshape(Shape.of(2, 1)).sum(1)), "no per-sample rule", "reshape");
    refused(p -> List.of(p.get(0).add(p.get(0))), "add");
  }

  /** Five rows are no two samples'. */
  @Test
  void rowsThatAreNotTheSamplesInTurnAreRefused() {
    try (ReferenceBackend backend = new ReferenceBackend();
        Scope scope = Scope.open()) {
      Tensor x = Tensor.full(backend, Shape.of(5, 1), 1);
      Program f = p -> List.of(x.matmul(p.get(0)).slice(0, 0, 2).sum(1));
      List<Tensor> w = List.of(Tensor.full(backend, Shape.of(1, 2), 1));
      assertThatThrownBy(() -> SampleGradients.weighted(f, w, norms -> norms))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContainingAll("matmul", "2 samples", "[5, 1]");
    }
  }

  @Test
  void noLossesAreRefused() {
    refused(
        p -> List.of(p.get(0).sum().broadcastTo(Shape.of(0))), "a loss for each sample", "N > 0", "[0]");
  }

  @Test
  void aParameterUsedTwiceIsRefused() {
    refused(
        p -> {
          Tensor x = Tensor.full(p.get(0).backend(), Shape.of(3, 2), 1);
          return List.of(x.mul(p.get(0)).add(p.get(0)).sum(1));
        },
        "used once", "[2]", "mul");
  }

  @Test
  void aSingleLossIsRefused() {
    refused(p -> List.of(p.get(0).sum()), "a loss for each sample", "[]");
  }

  private static void refused(Program f, String... words) {
    try (ReferenceBackend backend = new ReferenceBackend();
        Scope scope = Scope.open()) {
      List<Tensor> parameters = List.of(Tensor.full(backend, Shape.of(2), 1));
      assertThatThrownBy(() -> SampleGradients.weighted(f, parameters, norms -> norms))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContainingAll(words);
    }
  }

  @Test
  void aSampleWithoutGradientHasNormZero() {
    try (ReferenceBackend backend = new ReferenceBackend();
        Scope scope = Scope.open()) {
      Tensor x = Tensor.of(backend, Shape.of(2, 1), 3f, 0f);
      Tensor w = Tensor.full(backend, Shape.of(1, 1), 1);
      double[] norms =
          SampleGradients.weighted(p -> List.of(x.matmul(p.get(0)).sum(1)), List.of(w), n -> n)
              .squaredNorms();
      assertThat(norms).containsExactly(9, 0);
    }
  }

  private static Shape batch(Shape images, int samples) {
    int[] extents = new int[images.rank() + 1];
    extents[0] = samples;
    System.arraycopy(images.dims(), 0, extents, 1, images.rank());
    return Shape.of(extents);
  }

  /** Of each sample a loss that is curved in what the layer gives. */
  private static Tensor losses(Tensor y, int samples) {
    int each = Math.toIntExact(y.shape().elements() / samples);
    double[] weights = new Random(3).doubles(each, -1, 1).toArray();
    Tensor flat = y.reshape(Shape.of(samples, each));
    return flat.tanh().mul(Tensor.of(y.backend(), Shape.of(each), weights)).sum(1);
  }

  private static Tensor normal(ReferenceBackend backend, Shape shape, Random random) {
    double[] values = new double[Math.toIntExact(shape.elements())];
    Arrays.setAll(values, i -> random.nextGaussian());
    return Tensor.of(backend, shape, values);
  }
}
