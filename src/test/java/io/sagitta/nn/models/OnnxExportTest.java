package io.sagitta.nn.models;

import static org.assertj.core.api.Assertions.assertThat;

import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import io.sagitta.attack.target.Images;
import io.sagitta.attack.target.Target;
import io.sagitta.attack.target.Targets;
import io.sagitta.kernels.Backend;
import io.sagitta.kernels.Devices;
import io.sagitta.nn.data.ImageDataset;
import io.sagitta.nn.data.Normalization;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every architecture, run by ONNX Runtime. */
class OnnxExportTest {
  private static final Set<String> STANDARD =
      Set.of(
          "Conv", "Relu", "Add", "MaxPool", "GlobalAveragePool", "Flatten", "Gemm", "Identity",
          "LayerNormalization", "MatMul", "Softmax", "Mul", "Erf", "Transpose", "Reshape",
          "Gather", "Shape", "Concat", "Expand", "InstanceNormalization");
  private static final Set<String> OF_32 = Set.of("lenet5", "mlp", "vit-tiny", "vgg11", "vgg16");
  private static final int COUNT = 5;

  @TempDir private Path folder;

  static Stream<ModelSpec> everyArchitecture() {
    Stream<ModelSpec> grouped =
        Stream.of("resnet8", "vgg11").map(name -> ModelSpec.of(name, 10, 24).withoutBatchNorm());
    return Stream.concat(
            Models.architectures().stream().map(name -> ModelSpec.of(name, 10, 6)), grouped)
        .flatMap(
            spec ->
                spec.hasStem(Stem.IMAGENET)
                    ? Stream.of(spec, spec.with(Stem.IMAGENET))
                    : Stream.of(spec));
  }

  @ParameterizedTest
  @MethodSource("everyArchitecture")
  void theExportAnswersAsTheClassifierDoes(ModelSpec spec) throws IOException {
    int size = OF_32.contains(spec.architecture()) ? 32 : spec.stem() == Stem.CIFAR ? 12 : 36;
    ImageDataset images = Images.of(COUNT, size, size, 10);
    Model model = Models.create(spec);
    Path file = folder.resolve("model.onnx");
    try (Backend backend = Devices.open("host");
        Weights weights = Goldens.weights(model, backend);
        Classifier classifier = Classifier.of(model, weights)) {
      OnnxExport.write(
          file, weights, size, size, "1.0",
          Map.of("normalization", Normalization.CIFAR10.toString()));
      float[] x = Images.normalized(images);
      double[] expected = classifier.logits(x, COUNT, size, size);
      try (Target target = Targets.open("onnx:" + file, images, Images.settings(null, 3))) {
        float[] found = target.answer(x, COUNT);
        double largest = 0;
        for (int i = 0; i < found.length; i++) {
          largest = Math.max(largest, Math.abs(expected[i]));
        }
        for (int i = 0; i < found.length; i++) {
          assertThat((double) found[i]).isBetween(
              expected[i] - 1e-4 * Math.max(1, largest), expected[i] + 1e-4 * Math.max(1, largest));
        }
        assertThat(largest).as("answers that say something").isGreaterThan(0.1);
        assertThat(target.signature().normalization()).isEqualTo(Normalization.CIFAR10);
      }
    }
    ModelProto proto = ModelProto.parseFrom(Files.readAllBytes(file));
    assertThat(proto.getGraph().getNodeList().stream().map(NodeProto::getOpType))
        .isSubsetOf(STANDARD);
    assertThat(proto.getOpsetImportList()).hasSize(1);
    assertThat(proto.getOpsetImport(0).getDomain()).isEmpty();
    Map<String, String> metadata =
        proto.getMetadataPropsList().stream()
            .collect(Collectors.toMap(p -> p.getKey(), p -> p.getValue()));
    assertThat(metadata)
        .containsEntry("architecture", spec.architecture())
        .containsEntry("classes", "10")
        .containsEntry("input", "images")
        .containsEntry("layout", "NCHW");
    assertThat(List.of(proto.getProducerName(), proto.getProducerVersion()))
        .containsExactly("sagitta", "1.0");
  }
}
