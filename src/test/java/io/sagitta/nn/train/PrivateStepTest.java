package io.sagitta.nn.train;

import static org.assertj.core.api.Assertions.assertThat;

import io.sagitta.engine.Autodiff;
import io.sagitta.engine.DenseTensor;
import io.sagitta.engine.SampleGradients;
import io.sagitta.engine.Shape;
import io.sagitta.engine.Tensor;
import io.sagitta.engine.ops.CrossEntropy;
import io.sagitta.kernels.Backend;
import io.sagitta.kernels.Backends;
import io.sagitta.kernels.Precision;
import io.sagitta.kernels.Scope;
import io.sagitta.kernels.Tolerance;
import io.sagitta.kernels.host.HostBackend;
import io.sagitta.kernels.reference.ReferenceBackend;
import io.sagitta.nn.data.Augment;
import io.sagitta.nn.layers.Pass;
import io.sagitta.nn.models.Goldens;
import io.sagitta.nn.models.Model;
import io.sagitta.nn.models.ModelSpec;
import io.sagitta.nn.models.Models;
import io.sagitta.nn.models.Weights;
import io.sagitta.nn.optim.Sgd;
import io.sagitta.nn.privacy.Privacy;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Private steps against gradients of samples run alone, in float64. */
@SuppressWarnings("try") // an open scope is used by the operations inside it
class PrivateStepTest {
  private static final int SIDE = 32;
  private static final int CLASSES = 4;
  private static final int SAMPLES = 7;
  private static final double RATE = 0.1;

  private static Model model(String architecture) {
    int width = architecture.equals("vit-tiny") ? 6 : architecture.equals("mlp") ? 8 : 3;
    return Models.create(ModelSpec.of(architecture, CLASSES, width).withoutBatchNorm());
  }

  /** The first so many of the same images. */
  private record Images(Backend backend) implements PrivateStep.Samples {
    @Override
    public DenseTensor images(int... indices) {
      int each = SIDE * SIDE * 3;
      float[] all = Goldens.images("private", SAMPLES, SIDE);
      float[] chosen = new float[indices.length * each];
      for (int i = 0; i < indices.length; i++) {
        System.arraycopy(all, indices[i] * each, chosen, i * each, each);
      }
      return Tensor.of(backend, Shape.of(indices.length, SIDE, SIDE, 3), chosen);
    }

    @Override
    public int[] labels(int... indices) {
      return Arrays.stream(indices).map(i -> i % CLASSES).toArray();
    }
  }

  private static Tensor losses(Weights weights, List<Tensor> traced, Tensor images, int... labels) {
    Map<String, Tensor> named = new LinkedHashMap<>();
    int next = 0;
    for (String name : weights.trainable().keySet()) {
      named.put(name, traced.get(next++));
    }
    return CrossEntropy.crossEntropy(
        weights.model().forward(Pass.train(named), images), labels);
  }

  /** One gradient for each parameter, of one sample alone. */
  private static List<double[]> alone(Weights weights, Images samples, int sample) {
    List<double[]> gradients = new ArrayList<>();
    try (Scope scope = Scope.open()) {
      Tensor image = samples.images(sample);
      Autodiff.valueAndGrad(
              traced -> List.of(losses(weights, traced, image, samples.labels(sample)).sum()),
              List.copyOf(weights.trainable().values()))
          .gradients()
          .forEach(g -> gradients.add(g.toDoubles()));
    }
    return gradients;
  }

  private static double norm(List<double[]> gradient) {
    return Math.sqrt(
        gradient.stream().flatMapToDouble(Arrays::stream).map(g -> g * g).sum());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"resnet8", "resnet18", "resnet50", "vgg11", "lenet5", "mlp", "vit-tiny"})
  void normsAreThoseOfSamplesAlone(String architecture) {
    Model model = model(architecture);
    try (Backend backend = ReferenceBackend.onAllCores()) {
      try (Weights weights = Goldens.weights(model, backend);
          Scope scope = Scope.open()) {
        Images samples = new Images(backend);
        int[] all = {0, 1, 2};
        double[] norms =
            SampleGradients.weighted(
                    traced ->
                        List.of(
                            losses(weights, traced, samples.images(all), samples.labels(all))),
                    List.copyOf(weights.trainable().values()),
                    squared -> squared)
                .squaredNorms();
        double[] expected =
            Arrays.stream(all).mapToDouble(i -> norm(alone(weights, samples, i))).toArray();
        Tolerance.checkNear(
            "norms", Arrays.stream(norms).map(Math::sqrt).toArray(), expected, 1e-9);
        assertThat(expected[0]).isPositive().isNotEqualTo(expected[1]);
      }
      assertThat(backend.liveBytes()).isZero();
    }
  }

  /** In float32 too, by products and by ghosts, as each backend makes them. */
  @Test
  void everyBackendAgrees() {
    Model model = Models.create(ModelSpec.of("resnet8", CLASSES, 6).withoutBatchNorm());
    double[] expected;
    try (Backend reference = ReferenceBackend.onAllCores()) {
      expected = norms(reference, model);
    }
    for (Backends.Candidate candidate : Backends.float32().toList()) {
      try (Backend backend = candidate.open()) {
        Tolerance.checkNear(candidate.name(), norms(backend, model), expected, 1e-4);
        assertThat(backend.liveBytes()).isZero();
      }
    }
  }

  /** Of three small images. */
  private static double[] norms(Backend backend, Model model) {
    int side = 8;
    try (Weights weights = Goldens.weights(model, backend);
        Scope scope = Scope.open()) {
      Tensor images =
          Tensor.of(backend, Shape.of(3, side, side, 3), Goldens.images("small", 3, side));
      return SampleGradients.weighted(
              traced -> List.of(losses(weights, traced, images, 1, 3, 0)),
              List.copyOf(weights.trainable().values()),
              squared -> squared)
          .squaredNorms();
    }
  }

  /** How the parameters change in a step. */
  private static List<double[]> change(
      Backend backend, Model model, Privacy privacy, int batch, int... taken) {
    TrainConfig config =
        TrainConfig.of(1, batch, RATE, Augment.Mode.NONE, 11).privately(privacy);
    List<double[]> changes = new ArrayList<>();
    try (Weights weights = Goldens.weights(model, backend);
        Sgd sgd = new Sgd(weights.trainable(), 0, 0, false);
        Scope scope = Scope.open()) {
      weights.trainable().values().forEach(w -> changes.add(w.toDoubles()));
      PrivateStep step = new PrivateStep(weights, sgd, config.promise(1000), config);
      TrainStep.Outcome outcome = step.run(new Images(backend), taken, 5, RATE);
      assertThat(outcome.images()).isEqualTo(taken.length);
      int next = 0;
      for (DenseTensor w : weights.trainable().values()) {
        double[] change = changes.get(next++);
        double[] after = w.toDoubles();
        Arrays.setAll(change, i -> after[i] - change[i]);
      }
    }
    return changes;
  }

  private static void check(List<double[]> actual, List<double[]> expected, double limit) {
    for (int i = 0; i < expected.size(); i++) {
      Tolerance.checkNear("parameter " + i, actual.get(i), expected.get(i), limit);
    }
  }

  @Test
  void eachGradientIsClipped() {
    Model model = model("resnet8");
    try (Backend backend = ReferenceBackend.onAllCores();
        Weights weights = Goldens.weights(model, backend)) {
      Images samples = new Images(backend);
      List<List<double[]>> gradients =
          IntStream.range(0, SAMPLES).mapToObj(i -> alone(weights, samples, i)).toList();
      double[] norms = gradients.stream().mapToDouble(PrivateStepTest::norm).sorted().toArray();
      double clip = (norms[2] + norms[3]) / 2;
      List<double[]> expected = new ArrayList<>();
      weights.trainable().values().forEach(w -> expected.add(new double[w.toDoubles().length]));
      for (List<double[]> gradient : gradients) {
        double factor = -RATE / 4 * Math.min(1, clip / norm(gradient));
        for (int i = 0; i < gradient.size(); i++) {
          for (int k = 0; k < gradient.get(i).length; k++) {
            expected.get(i)[k] += factor * gradient.get(i)[k];
          }
        }
      }
      Privacy clipping = Privacy.ofNoise(0).clippingAt(clip);
      int[] all = IntStream.range(0, SAMPLES).toArray();
      for (int virtual : new int[] {0, 1, 2, 3, 100}) {
        Privacy privacy = clipping.inVirtualBatchesOf(virtual);
        check(change(backend, model, privacy, 4, all), expected, 1e-10);
      }
      for (int sample : all) {
        List<double[]> one = change(backend, model, clipping, 4, sample);
        assertThat(norm(one)).isLessThanOrEqualTo(RATE / 4 * clip * (1 + 1e-9));
      }
    }
  }

  /** Without clipping and noise a private step is a plain one over the same samples. */
  @Test
  void withoutClippingAndNoiseItIsAPlainStep() {
    Model model = model("resnet8");
    int[] taken = {6, 0, 3};
    for (Backend backend : List.of(HostBackend.create(), ReferenceBackend.onAllCores())) {
      try (backend;
          Weights weights = Goldens.weights(model, backend);
          Sgd sgd = new Sgd(weights.trainable(), 0, 0, false);
          Scope scope = Scope.open()) {
        List<double[]> before = new ArrayList<>();
        weights.trainable().values().forEach(w -> before.add(w.toDoubles()));
        Images samples = new Images(backend);
        new TrainStep(weights, sgd, Precision.FP32)
            .run(samples.images(taken), samples.labels(taken), RATE);
        Privacy open = Privacy.ofNoise(0).clippingAt(1e30);
        List<double[]> actual = change(backend, model, open, taken.length, taken);
        int next = 0;
        for (DenseTensor w : weights.trainable().values()) {
          double[] start = before.get(next);
          double[] after = w.toDoubles();
          double[] expected = new double[after.length];
          Arrays.setAll(expected, i -> after[i] - start[i]);
          double limit = backend instanceof HostBackend ? 1e-3 : 1e-10;
          Tolerance.checkNear("parameter " + next, actual.get(next++), expected, limit);
        }
      }
    }
  }

  /** Of an empty batch nothing but noise is left, of the deviation that was promised. */
  @Test
  void anEmptyBatchIsNoise() {
    Model model = model("mlp");
    try (Backend backend = HostBackend.create()) {
      List<double[]> change = change(backend, model, Privacy.ofNoise(2).clippingAt(3), 8);
      long count = change.stream().mapToLong(c -> c.length).sum();
      double deviation = norm(change) / Math.sqrt(count);
      assertThat(deviation / (RATE * 2 * 3 / 8)).isBetween(0.98, 1.02);
      assertThat(change(backend, model, Privacy.ofNoise(0), 8).get(0)).containsOnly(0);
    }
  }

  /** The same noise whatever the samples: what is added is a function of the step alone. */
  @Test
  void noiseIsAddedOnce() {
    Model model = model("mlp");
    try (Backend backend = ReferenceBackend.onAllCores()) {
      int[] taken = {1, 2, 3, 4, 5};
      Privacy privacy = Privacy.ofNoise(0.5).inVirtualBatchesOf(2);
      List<double[]> noise = change(backend, model, privacy, 8);
      List<double[]> clean =
          change(backend, model, Privacy.ofNoise(0).inVirtualBatchesOf(2), 8, taken);
      List<double[]> both = change(backend, model, privacy, 8, taken);
      for (int i = 0; i < both.size(); i++) {
        double[] sum = noise.get(i).clone();
        for (int k = 0; k < sum.length; k++) {
          sum[k] += clean.get(i)[k];
        }
        Tolerance.checkNear("parameter " + i, both.get(i), sum, 1e-10);
      }
    }
  }

  /** Kernels are made, and on some devices tuned, for each size. */
  @ParameterizedTest
  @ValueSource(ints = {1, 3, 8, 15, 100, 128, 500})
  void virtualBatchesHaveFewSizes(int most) {
    int[] sizes =
        IntStream.rangeClosed(1, most).map(count -> PrivateStep.filledSize(most, count)).toArray();
    assertThat(Arrays.stream(sizes).distinct().count()).isLessThanOrEqualTo(8);
    assertThat(sizes[most - 1]).isEqualTo(most);
    for (int images = 1; images <= most; images++) {
      assertThat(sizes[images - 1]).isBetween(images, most);
    }
  }
}
