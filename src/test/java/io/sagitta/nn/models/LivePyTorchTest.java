package io.sagitta.nn.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.sagitta.kernels.Backend;
import io.sagitta.kernels.host.HostBackend;
import io.sagitta.nn.io.Safetensors;
import io.sagitta.nn.io.Safetensors.Entry;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Weights written by Sagitta, read and evaluated by the machine's PyTorch. */
class LivePyTorchTest {
  private static final String PYTHON = "/usr/bin/python3";

  @TempDir Path folder;

  @BeforeAll
  static void requirePyTorch() throws IOException, InterruptedException {
    assumeTrue(Files.isExecutable(Path.of(PYTHON)), "skipped: no " + PYTHON);
    Process probe =
        new ProcessBuilder(PYTHON, "-c", "import torch")
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    boolean imported = probe.waitFor(60, TimeUnit.SECONDS) && probe.exitValue() == 0;
    assumeTrue(imported, "skipped: " + PYTHON + " cannot import torch");
  }

  @Test
  void resnet18OfSmallImages() throws IOException, InterruptedException {
    compare(ModelSpec.of("resnet18", 10, 0), 2, 32);
  }

  @Test
  void resnet50OfLargeImages() throws IOException, InterruptedException {
    compare(ModelSpec.of("resnet50", 12, 8).with(Stem.IMAGENET), 2, 65);
  }

  @Test
  void vgg11() throws IOException, InterruptedException {
    compare(ModelSpec.of("vgg11", 10, 16), 2, 32);
  }

  @Test
  void visionTransformer() throws IOException, InterruptedException {
    compare(ModelSpec.of("vit-tiny", 10, 48), 2, 32);
  }

  private void compare(ModelSpec spec, int n, int size) throws IOException, InterruptedException {
    Model model = Models.create(spec);
    float[] images = Goldens.images("live", n, size);
    Path weightsFile = folder.resolve("weights.safetensors");
    double[] logits;
    // The formula's numbers: a transformer's head begins at zero.
    try (Backend backend = HostBackend.create();
        Weights weights = Goldens.weights(model, backend);
        Classifier classifier = Classifier.of(model, weights)) {
      weights.save(weightsFile, Map.of());
      logits = classifier.logits(images, n, size, size);
    }
    double[] expected = pyTorch(spec, weightsFile, images, n, size);
    assertThat(Goldens.relativeError(logits, expected)).isLessThan(1e-4);
  }

  private double[] pyTorch(ModelSpec spec, Path weights, float[] images, int n, int size)
      throws IOException, InterruptedException {
    Path input = folder.resolve("images.safetensors");
    Path output = folder.resolve("logits.safetensors");
    Path log = folder.resolve("log.txt");
    Entry entry = Entry.ofFloats("images", new long[] {n, size, size, 3}, images);
    Safetensors.write(input, List.of(entry), Map.of());
    List<String> command =
        new ArrayList<>(List.of(PYTHON, "-B", Goldens.path("logits.py").toString()));
    command.addAll(List.of(weights.toString(), input.toString(), output.toString()));
    command.addAll(List.of(spec.architecture(), spec.classes() + "", spec.width() + ""));
    command.add(spec.stem().name().toLowerCase(Locale.ROOT));
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    assertThat(process.waitFor(120, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue())
        .as(Files.readString(log, StandardCharsets.UTF_8))
        .isZero();
    return Safetensors.read(output).entry("logits").doubles();
  }
}
