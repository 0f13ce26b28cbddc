package io.sagitta.nn.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sagitta.engine.Shape;
import io.sagitta.engine.Tensor;
import io.sagitta.kernels.Scope;
import io.sagitta.kernels.reference.ReferenceBackend;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@SuppressWarnings("try")
class ResNetTest {
  /** ResNet-18 on CIFAR-10 as issue and paper have it; the ImageNet figures are torchvision's. */
  @ParameterizedTest
  @CsvSource({
    "resnet18, 10, CIFAR, 11173962",
    "resnet18, 1000, IMAGENET, 11689512",
    "resnet34, 1000, IMAGENET, 21797672",
    "resnet50, 1000, IMAGENET, 25557032",
    "resnet34, 10, CIFAR, 21282122",
    "resnet50, 10, CIFAR, 23520842",
  })
  void hasAsManyParametersAsPublished(String architecture, int classes, Stem stem, long count) {
    Model model = Models.create(ModelSpec.of(architecture, classes, 0).with(stem));
    assertThat(model.trainableCount()).isEqualTo(count);
  }

  @ParameterizedTest
  @CsvSource({
    "names-resnet18-cifar.txt, resnet18, 10, CIFAR",
    "names-resnet20-cifar.txt, resnet20, 10, CIFAR",
    "names-resnet18-imagenet.txt, resnet18, 1000, IMAGENET",
    "names-resnet50-imagenet.txt, resnet50, 1000, IMAGENET",
  })
  void namesItsParametersAsPyTorch(String golden, String architecture, int classes, Stem stem) {
    Model model = Models.create(ModelSpec.of(architecture, classes, 0).with(stem));
    assertThat(model.parameters().stream().map(p -> p.name() + " " + p.shape()))
        .containsExactlyElementsOf(Goldens.lines(golden));
  }

  @Test
  void countsLayersAsItsNameSays() {
    for (String architecture : List.of("resnet8", "resnet20", "resnet32", "resnet56")) {
      Model model = Models.create(ModelSpec.of(architecture, 10, 4));
      long layers =
          model.parameters().stream()
              .filter(p -> p.name().matches("(conv1|.*\\.conv\\d|linear)\\.weight"))
              .count();
      assertThat("resnet" + layers).isEqualTo(architecture);
    }
  }

  @Test
  void refusesWhatAreNoImages() {
    Model model = Models.create(ModelSpec.of("resnet8", 10, 2));
    try (ReferenceBackend backend = new ReferenceBackend();
        Weights weights = Weights.initialize(model, backend, 0);
        Classifier classifier = Classifier.of(model, weights);
        Scope scope = Scope.open()) {
      Tensor planar = Tensor.zeros(backend, Shape.of(1, 3, 8, 8));
      assertThatThrownBy(() -> classifier.logits(planar))
          .hasMessage("resnet8: expected images [N, H, W, 3], got [1, 3, 8, 8]");
    }
  }

  @Test
  void suggestsTheNearestArchitecture() {
    assertThatThrownBy(() -> ModelSpec.of("ResNet9", 10, 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("expected one of resnet8, resnet20")
        .hasMessageContaining("got 'ResNet9'; did you mean resnet8?");
    assertThatThrownBy(() -> ModelSpec.of("transformer", 10, 0))
        .hasMessageEndingWith("got 'transformer'");
    assertThatThrownBy(() -> ModelSpec.of("resnet8", 1, 0))
        .hasMessage("resnet8: expected 2 to 1000000 classes and a width of 1 to 1000000, got 1 and 16");
  }

  @Test
  void aSpecificationIsReadBackFromItsMetadata() {
    ModelSpec spec = ModelSpec.of("resnet18", 7, 12).with(Stem.IMAGENET);
    assertThat(ModelSpec.of(spec.metadata())).isEqualTo(spec);
    for (String key : spec.metadata().keySet()) {
      Map<String, String> less = new HashMap<>(spec.metadata());
      less.remove(key);
      assertThatThrownBy(() -> ModelSpec.of(less))
          .as("without %s", key)
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("expected its architecture, classes, width and stem");
    }
  }

  @Test
  void hasAWidthOfItsOwn() {
    assertThat(ModelSpec.of("resnet18", 10, 0).width()).isEqualTo(64);
    assertThat(ModelSpec.of("resnet8", 10, 0).width()).isEqualTo(16);
    assertThat(ModelSpec.of("resnet8", 10, 5)).hasToString("resnet8, width 5, 10 classes");
    assertThat(Models.architectures()).contains("resnet56", "resnet50");
  }
}
