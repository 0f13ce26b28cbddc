package io.sagitta.nn.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sagitta.engine.DenseTensor;
import io.sagitta.kernels.Backend;
import io.sagitta.kernels.host.HostBackend;
import io.sagitta.kernels.reference.ReferenceBackend;
import io.sagitta.nn.io.BadFileException;
import io.sagitta.nn.io.Safetensors;
import io.sagitta.nn.io.Safetensors.Entry;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WeightsTest {
  @TempDir Path folder;

  private final Model model = Models.create(ModelSpec.of("resnet8", 4, 3));
  private final Backend backend = HostBackend.create();

  @AfterEach
  void count() {
    assertThat(backend.liveBytes()).isZero();
    backend.close();
  }

  private static void expectSame(Weights actual, Weights expected) {
    assertThat(actual.tensors().keySet())
        .containsExactlyElementsOf(expected.tensors().keySet());
    actual
        .tensors()
        .forEach(
            (name, tensor) ->
                assertThat(tensor.toDoubles())
                    .as(name)
                    .containsExactly(expected.get(name).toDoubles()));
    assertThat(actual.batchesTracked()).isEqualTo(expected.batchesTracked());
  }

  @Test
  void startsFromTheSameBitsOnEveryBackend() {
    try (Backend reference = new ReferenceBackend();
        Weights one = Weights.initialize(model, backend, 7);
        Weights same = Weights.initialize(model, reference, 7);
        Weights other = Weights.initialize(model, backend, 8)) {
      expectSame(one, same);
      assertThat(one.get("conv1.weight").toFloats())
          .isNotEqualTo(other.get("conv1.weight").toFloats());
    }
  }

  @Test
  void startsAsPyTorchDoes() {
    Model wide = Models.create(ModelSpec.of("resnet8", 10, 32));
    try (Weights weights = Weights.initialize(wide, backend, 0)) {
      expectUniform(weights.get("layer3.0.conv2.weight"), 1 / Math.sqrt(128 * 9));
      expectUniform(weights.get("layer2.0.shortcut.0.weight"), 1 / Math.sqrt(32));
      expectUniform(weights.get("linear.weight"), 1 / Math.sqrt(128));
      double bound = 1 / Math.sqrt(128);
      double[] bias = weights.get("linear.bias").toDoubles();
      assertThat(bias).doesNotHaveDuplicates();
      assertThat(Arrays.stream(bias).map(Math::abs).max().orElseThrow())
          .isBetween(0.5 * bound, bound);
      assertThat(weights.get("bn1.weight").toDoubles()).containsOnly(1);
      assertThat(weights.get("bn1.bias").toDoubles()).containsOnly(0);
      assertThat(weights.get("bn1.running_mean").toDoubles()).containsOnly(0);
      assertThat(weights.get("bn1.running_var").toDoubles()).containsOnly(1);
    }
  }

  private static void expectUniform(DenseTensor tensor, double bound) {
    double[] values = tensor.toDoubles();
    double mean = Arrays.stream(values).average().orElseThrow();
    double square = Arrays.stream(values).map(v -> v * v).average().orElseThrow();
    double largest = Arrays.stream(values).map(Math::abs).max().orElseThrow();
    assertThat(largest).isBetween(0.99 * bound, (double) (float) bound);
    double deviation = bound / Math.sqrt(3);
    assertThat(mean).isBetween(-5 * deviation / Math.sqrt(values.length),
        5 * deviation / Math.sqrt(values.length));
    assertThat(Math.sqrt(square)).isBetween(0.96 * deviation, 1.04 * deviation);
  }

  @Test
  void survivesAFile() {
    Path file = folder.resolve("w.safetensors");
    try (Weights weights = Weights.initialize(model, backend, 1)) {
      weights.countBatch();
      weights.countBatch();
      weights.save(file, Map.of("seed", "1"));
      try (Weights read = Weights.load(model, backend, file);
          Weights copy = read.copyTo(backend)) {
        expectSame(read, weights);
        expectSame(copy, weights);
      }
    }
    Safetensors.File raw = Safetensors.read(file);
    assertThat(raw.metadata())
        .containsEntry("seed", "1")
        .containsEntry("architecture", "resnet8")
        .containsEntry("width", "3")
        .containsEntry("classes", "4")
        .containsEntry("stem", "cifar");
    assertThat(raw.entry("conv1.weight").shape()).containsExactly(3, 3, 3, 3);
    assertThat(raw.entry("bn1.num_batches_tracked").longs()).containsExactly(2);
    assertThat(raw.entry("bn1.num_batches_tracked").shape()).isEmpty();
  }

  @Test
  void acceptsEitherSpelling() {
    Model imagenet =
        Models.create(ModelSpec.of("resnet18", 4, 2).with(Stem.IMAGENET));
    try (Weights weights = Weights.initialize(imagenet, backend, 1)) {
      List<Entry> paper = new ArrayList<>();
      for (Entry entry : weights.entries()) {
        String name =
            entry.name().replace(".downsample.", ".shortcut.").replaceFirst("^fc", "linear");
        if (!name.endsWith("num_batches_tracked")) {
          paper.add(new Entry(name, entry.type(), entry.shape(), entry.data()));
        }
      }
      Path file = folder.resolve("paper.safetensors");
      Safetensors.write(file, paper, Map.of());
      try (Weights read = Weights.load(imagenet, backend, file)) {
        expectSame(read, weights);
      }
    }
  }

  @Test
  void whatIsNoNumberIsRefusedByName() {
    Path file = folder.resolve("w.safetensors");
    try (Weights weights = Weights.initialize(model, backend, 1)) {
      assertThat(weights.firstNotFinite()).isNull();
      DenseTensor bias = weights.get("linear.bias");
      backend.upload(new float[] {Float.NaN}, 0, bias.buffer(), 2, 1);
      assertThat(weights.firstNotFinite()).isEqualTo("linear.bias");
      weights.save(file, Map.of());
    }
    assertThatThrownBy(() -> Weights.load(model, backend, file))
        .isInstanceOf(BadFileException.class)
        .hasMessageContaining("expected finite weights, found NaN in 'linear.bias', element 2");
  }

  @Test
  void readsHalfAndDoublePrecision() {
    try (Weights weights = Weights.initialize(model, backend, 1)) {
      List<Entry> mixed = new ArrayList<>();
      for (Entry entry : weights.entries()) {
        mixed.add(
            entry.name().equals("linear.weight")
                ? Entry.of(entry.name(), Safetensors.Type.BF16, entry.shape(), entry.floats())
                : entry.name().equals("linear.bias")
                    ? Entry.ofDoubles(entry.name(), entry.shape(), entry.doubles())
                    : entry);
      }
      Path file = folder.resolve("mixed.safetensors");
      Safetensors.write(file, mixed, Map.of());
      try (Weights read = Weights.load(model, backend, file)) {
        assertThat(read.get("linear.bias").toFloats())
            .containsExactly(weights.get("linear.bias").toFloats());
        float exact = weights.get("linear.weight").toFloats()[0];
        assertThat(read.get("linear.weight").toFloats()[0])
            .isNotEqualTo(exact)
            .isCloseTo(exact, Percentage.withPercentage(0.4));
      }
    }
  }

  @Test
  void saysWhatDoesNotFit() {
    Path file = folder.resolve("w.safetensors");
    try (Weights weights = Weights.initialize(model, backend, 1)) {
      Map<String, Entry> entries = new LinkedHashMap<>();
      weights.entries().forEach(e -> entries.put(e.name(), e));
      entries.remove("bn1.bias");
      entries.put("extra", Entry.ofFloats("extra", new long[] {1}, new float[1]));
      entries.put("fc.bias", Entry.ofFloats("fc.bias", new long[] {4}, new float[4]));
      entries.put(
          "linear.weight",
          Entry.ofFloats("linear.weight", new long[] {100, 12}, new float[1200]));
      Safetensors.write(file, List.copyOf(entries.values()), Map.of());
    }
    assertThatThrownBy(() -> Weights.load(model, backend, file))
        .isInstanceOf(BadFileException.class)
        .hasMessage(
            file + ": expected the weights of resnet8, width 3, 4 classes; wrong shapes:"
                + " 'linear.weight' expected [4, 12], found [100, 12]; missing: 'bn1.bias';"
                + " unexpected: 'extra', 'fc.bias'");
  }

  @Test
  void refusesWholeNumbersAsWeights() {
    Path file = folder.resolve("w.safetensors");
    try (Weights weights = Weights.initialize(model, backend, 1)) {
      List<Entry> entries = new ArrayList<>(weights.entries());
      entries.replaceAll(
          e ->
              e.name().equals("linear.bias")
                  ? Entry.ofLongs(e.name(), e.shape(), new long[4])
                  : e);
      Safetensors.write(file, entries, Map.of());
    }
    assertThatThrownBy(() -> Weights.load(model, backend, file))
        .isInstanceOf(BadFileException.class)
        .hasMessageContaining("'linear.bias'")
        .hasMessageContaining("found I64");
  }
}
