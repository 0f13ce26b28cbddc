package io.sagitta.nn.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sagitta.engine.Shape;
import io.sagitta.engine.Tensor;
import io.sagitta.kernels.Backend;
import io.sagitta.kernels.Backends;
import io.sagitta.kernels.Precision;
import io.sagitta.kernels.Scope;
import io.sagitta.kernels.host.HostBackend;
import io.sagitta.nn.io.Safetensors;
import io.sagitta.nn.io.Safetensors.Entry;
import io.sagitta.nn.optim.Sgd;
import io.sagitta.nn.train.TrainStep;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The networks beside ResNets: names, sizes, starts, files. */
@SuppressWarnings("try")
class ArchitecturesTest {
  @TempDir Path folder;

  /** LeNet-5 and VGG as often published; the others counted by PyTorch. */
  @ParameterizedTest
  @CsvSource({
    "vgg11, 9231114", "vgg16, 14728266", "lenet5, 62006", "mlp, 1841162", "vit-tiny, 5362762"
  })
  void isNamedAndCountedAsPyTorch(String architecture, long count) {
    Model model = Models.create(ModelSpec.of(architecture, 10, 0));
    assertThat(model.trainableCount()).isEqualTo(count);
    assertThat(model.parameters().stream().map(p -> p.name() + " " + p.shape()))
        .containsExactlyElementsOf(Goldens.lines("names-" + architecture + ".txt"));
  }

  static List<SmallNetworks.Small> networks() {
    return SmallNetworks.of(4);
  }

  @ParameterizedTest
  @MethodSource("networks")
  void survivesAFile(SmallNetworks.Small small) {
    Model model = Models.create(small.spec());
    Path file = folder.resolve("w.safetensors");
    try (Backend backend = HostBackend.create();
        Weights weights = Weights.initialize(model, backend, 3)) {
      weights.save(file, Map.of());
      try (Weights read = Weights.load(model, backend, file)) {
        weights
            .tensors()
            .forEach(
                (name, tensor) ->
                    assertThat(read.get(name).toFloats())
                        .as(name)
                        .containsExactly(tensor.toFloats()));
      }
    }
  }

  static Stream<SmallNetworks.Small> besideResNets() {
    return networks().stream().filter(n -> !n.spec().architecture().startsWith("resnet"));
  }

  /** Steps on one batch, which any of them can learn by heart. */
  @ParameterizedTest
  @MethodSource("besideResNets")
  void learns(SmallNetworks.Small small) {
    int side = small.side();
    String architecture = small.spec().architecture();
    try (Backend backend = HostBackend.create();
        Weights weights = Weights.initialize(Models.create(small.spec()), backend, 5);
        Sgd sgd = new Sgd(weights.trainable(), 0.9, 1e-4, false);
        TrainStep step = new TrainStep(weights, sgd, Precision.FP32);
        Scope scope = Scope.open()) {
      Tensor images =
          Tensor.of(backend, Shape.of(4, side, side, 3), Goldens.images("x", 4, side));
      int[] labels = {2, 0, 3, 1};
      double rate = Models.learningRate(architecture);
      double first = step.run(images, labels, rate).loss();
      double last = first;
      for (int i = 0; i < 30; i++) {
        last = step.run(images, labels, rate).loss();
      }
      assertThat(last).isLessThan(0.9 * first);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"mlp", "vit-tiny"})
  void productsInsideHaveThePrecisionOfConvolutions(String architecture) {
    Model model = Models.create(ModelSpec.of(architecture, 10, 12));
    try (Backend backend = Backends.cuda().open();
        Weights weights = Goldens.weights(model, backend);
        Classifier exact = Classifier.of(model, weights);
        Classifier rough = Classifier.of(model, weights, Precision.BF16)) {
      float[] images = Goldens.images("x", 1, 32);
      double error =
          Goldens.relativeError(
              rough.logits(images, 1, 32, 32), exact.logits(images, 1, 32, 32));
      assertThat(error).isBetween(1e-4, 3e-2);
    }
  }

  /** torchvision's own start, as its sources and a network of its give it. */
  @Test
  void aTransformerStartsAsTorchvisions() {
    Model model = Models.create(ModelSpec.of("vit-tiny", 10, 96));
    String block = "encoder.layers.encoder_layer_3.";
    try (Backend backend = HostBackend.create();
        Weights weights = Weights.initialize(model, backend, 0)) {
      assertThat(weights.get("class_token").toDoubles()).containsOnly(0);
      assertThat(weights.get("heads.head.weight").toDoubles()).containsOnly(0);
      assertThat(weights.get(block + "ln_1.weight").toDoubles()).containsOnly(1);
      assertThat(weights.get(block + "self_attention.in_proj_bias").toDoubles()).containsOnly(0);
      deviation(weights, "encoder.pos_embedding", 0.02);
      deviation(weights, "conv_proj.weight", 1 / Math.sqrt(48));
      deviation(weights, block + "self_attention.in_proj_weight", Math.sqrt(2.0 / (4 * 96)));
      deviation(weights, block + "self_attention.out_proj.weight", 1 / Math.sqrt(3 * 96));
      deviation(weights, block + "mlp.0.weight", Math.sqrt(2.0 / (5 * 96)));
      double[] bias = weights.get(block + "mlp.0.bias").toDoubles();
      assertThat(bias).doesNotContain(0);
      assertThat(Arrays.stream(bias).map(Math::abs).max().orElseThrow()).isBetween(1e-6, 1e-5);
    }
  }

  private static void deviation(Weights weights, String name, double expected) {
    double[] values = weights.get(name).toDoubles();
    double square = Arrays.stream(values).map(v -> v * v).average().orElseThrow();
    assertThat(Math.sqrt(square)).as(name).isCloseTo(expected, Offset.offset(0.04 * expected));
  }

  @Test
  void readsTheOlderNamesOfTorchvision() {
    Model model = Models.create(ModelSpec.of("vit-tiny", 4, 6));
    try (Backend backend = HostBackend.create();
        Weights weights = Weights.initialize(model, backend, 1)) {
      List<Entry> older =
          weights.entries().stream()
              .map(
                  e ->
                      new Entry(
                          e.name().replace("mlp.0", "mlp.linear_1").replace("mlp.3", "mlp.linear_2"),
                          e.type(), e.shape(), e.data()))
              .toList();
      Path file = folder.resolve("older.safetensors");
      Safetensors.write(file, older, Map.of());
      String name = "encoder.layers.encoder_layer_11.mlp.3.weight";
      try (Weights read = Weights.load(model, backend, file)) {
        assertThat(read.get(name).toFloats()).containsExactly(weights.get(name).toFloats());
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "vgg11, 31, 32, 'vgg11: expected images of at least 32×32 pixels, got 31×32'",
    "lenet5, 28, 28, 'lenet5: expected images of 32×32 pixels, got 28×28'",
    "mlp, 32, 33, 'mlp: expected images of 32×32 pixels, got 32×33'",
    "vit-tiny, 224, 224, 'vit-tiny: expected images of 32×32 pixels, got 224×224'",
  })
  void namesTheSizesThatItTakes(String architecture, int height, int width, String message) {
    Model model = Models.create(ModelSpec.of(architecture, 10, 3));
    try (Backend backend = HostBackend.create();
        Weights weights = Weights.initialize(model, backend, 0);
        Classifier classifier = Classifier.of(model, weights);
        Scope scope = Scope.open()) {
      Tensor images = Tensor.zeros(backend, Shape.of(1, height, width, 3));
      assertThatThrownBy(() -> classifier.logits(images))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage(message);
    }
  }

  @Test
  void largerImagesPassThroughVgg() {
    Model model = Models.create(ModelSpec.of("vgg11", 10, 2));
    try (Backend backend = HostBackend.create();
        Weights weights = Weights.initialize(model, backend, 0);
        Classifier classifier = Classifier.of(model, weights)) {
      assertThat(classifier.logits(Goldens.images("x", 1, 64), 1, 64, 64)).hasSize(10);
    }
  }

  @Test
  void refusesImpossibleWidthsAndStems() {
    assertThatThrownBy(() -> Models.create(ModelSpec.of("vit-tiny", 10, 64)))
        .hasMessage(
            "vit-tiny: expected a width that is a multiple of its 3 heads, got 64");
    assertThatThrownBy(() -> ModelSpec.of("vgg16", 10, 0).with(Stem.IMAGENET))
        .hasMessage("vgg16: expected the stem CIFAR, the only one it has, got IMAGENET");
  }

  @Test
  void ratesGoWithBatchNormalisation() {
    assertThat(List.of("resnet8", "vgg16")).allMatch(a -> Models.learningRate(a) == 0.1);
    assertThat(List.of("lenet5", "mlp", "vit-tiny"))
        .allMatch(a -> Models.learningRate(a) == 0.01);
  }
}
