package io.sagitta.attack.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.offset;

import ai.onnxruntime.OrtEnvironment;
import io.sagitta.attack.target.Images;
import io.sagitta.attack.target.Target;
import io.sagitta.attack.target.TargetException;
import io.sagitta.attack.target.Targets;
import io.sagitta.nn.data.ImageDataset;
import io.sagitta.nn.io.BadFileException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Models as other tools export them. */
class OnnxTargetTest {
  private static final int COUNT = 10;

  private final ImageDataset images = Images.of(COUNT, 6, 5, 3);
  private final float[] x = Images.normalized(images);

  @TempDir private Path folder;

  private Target open(OnnxModels model) throws IOException {
    return open(model, null);
  }

  private Target open(OnnxModels model, String output) throws IOException {
    Path file = model.write(folder.resolve("model.onnx"));
    return Targets.open("onnx:" + file, images, Images.settings(output, 4));
  }

  private void answersAreTheMeans(Target target) {
    float[] found = target.answer(x, COUNT);
    for (int i = 0; i < COUNT; i++) {
      for (int c = 0; c < 3; c++) {
        double sum = 0;
        for (int p = 0; p < 30; p++) {
          sum += x[(i * 30 + p) * 3 + c];
        }
        assertThat((double) found[i * 3 + c]).isCloseTo(sum / 30, offset(1e-6));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {7, 9, 11, 13, 17})
  void operatorSetsOldAndNew(int version) throws IOException {
    try (Target target = open(OnnxModels.channelsFirst(-1, 6, 5).operators(version))) {
      answersAreTheMeans(target);
    }
  }

  @Test
  void layoutsAndBatches() throws IOException {
    try (Target target = open(OnnxModels.channelsLast(-1, 6, 5))) {
      answersAreTheMeans(target);
    }
    try (Target target = open(OnnxModels.channelsFirst(-1, -1, -1))) {
      answersAreTheMeans(target);
    }
    for (int fixed : new int[] {1, 3, 16}) {
      try (Target target = open(OnnxModels.channelsLast(fixed, 6, 5))) {
        assertThat(target.signature().batch()).isEqualTo(fixed);
        answersAreTheMeans(target);
      }
    }
  }

  /** From 1.29 on the library has an address in it to which it reports models and their uses. */
  @Test
  void theLibraryKnowsNobodyToReportTo() throws IOException {
    try (InputStream library =
        OrtEnvironment.class.getResourceAsStream("native/linux-x64/libonnxruntime.so")) {
      String text = new String(library.readAllBytes(), StandardCharsets.ISO_8859_1);
      assertThat(text.contains("OrtGetApiBase")).as("it is the library").isTrue();
      assertThat(text.contains("events.data.microsoft.com")).isFalse();
    }
  }

  @Test
  void anOutputIsChosenByName() throws IOException {
    OnnxModels both = OnnxModels.channelsFirst(-1, 6, 5).softmax();
    try (Target target = open(both)) {
      answersAreTheMeans(target);
    }
    try (Target target = open(both, "confidence")) {
      float[] found = target.answer(x, COUNT);
      assertThat((double) found[0] + found[1] + found[2]).isCloseTo(1, offset(1e-6));
    }
    assertThatThrownBy(() -> open(both, "labels"))
        .isInstanceOf(TargetException.class)
        .hasMessageContainingAll("'labels'", "means", "confidence");
  }

  @Test
  void whatDoesNotFitIsNamed() {
    assertThatThrownBy(() -> open(OnnxModels.channelsFirst(-1, 7, 5)))
        .isInstanceOf(TargetException.class)
        .hasMessageContainingAll("model.onnx", "[N, 3, 6, 5]", "[N, 6, 5, 3]", "[-1, 3, 7, 5]");
    assertThatThrownBy(() -> open(OnnxModels.channelsFirst(-1, 6, 5).doubles()))
        .isInstanceOf(TargetException.class)
        .hasMessageContainingAll("float32", "DOUBLE");
    assertThatThrownBy(
            () ->
                Targets.open(
                    "onnx:" + OnnxModels.channelsFirst(-1, 6, 5).write(folder.resolve("m.onnx")),
                    Images.of(4, 6, 5, 4), Images.settings()))
        .isInstanceOf(TargetException.class)
        .hasMessageContainingAll("4 classes of random", "3");
  }

  @Test
  void damagedAndMissingFilesAreNamed() throws IOException {
    Path file = Files.writeString(folder.resolve("text.onnx"), "no model at all");
    assertThatThrownBy(() -> Targets.open("onnx:" + file, images, Images.settings()))
        .isInstanceOf(BadFileException.class)
        .hasMessageContaining("text.onnx");
    assertThatThrownBy(
            () -> Targets.open("onnx:" + folder.resolve("none"), images, Images.settings()))
        .isInstanceOf(BadFileException.class)
        .hasMessageContaining("expected an ONNX model, found no file");
    assertThatThrownBy(() -> Targets.open("tflite:x", images, Images.settings()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("onnx:FILE", "'tflite:x'");
  }
}
