package io.sagitta.attack.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sagitta.attack.score.Estimator;
import io.sagitta.attack.score.ScorePrecision;
import io.sagitta.nn.data.Datasets;
import io.sagitta.nn.io.BadFileException;
import io.sagitta.nn.io.Safetensors;
import io.sagitta.nn.io.Safetensors.Entry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunTest {
  private static final RunConfig CONFIG = TinyCifar.config().build();

  /** A run as it was before scores had a precision, and the hash that it was given. */
  private static final RunConfig BEFORE =
      RunConfig.builder(Datasets.Kind.CIFAR100)
          .scorePrecision(ScorePrecision.PLAIN_FP32)
          .build();

  private static final String BEFORE_HASH =
      "a79377a1cbc5911da6f4f75a977e2a7ed52fc59213b3a87efe9fa0473c660a4a";

  @TempDir Path temporary;
  private Path data;
  private Path folder;

  @BeforeEach
  void writeData() {
    data = TinyCifar.write(temporary.resolve("data"), 4);
    folder = temporary.resolve("run");
  }

  private Run open(RunConfig config) {
    return Run.open(folder, recorded -> config, data, () -> "a test", false);
  }

  @Test
  void aRunSaysWhatItWasMadeWith() {
    try (Run run = open(CONFIG)) {
      assertThat(run.config().trainSamples()).as("all of them, counted").isEqualTo(20);
      assertThat(run.pool().size()).isEqualTo(20);
      assertThat(run.membership().models()).isEqualTo(5);
    }
    RunRecord record = RunRecord.read(folder.resolve("run.json"));
    assertThat(record.configuration()).isEqualTo(CONFIG.toBuilder().trainSamples(20).build());
    assertThat(record.pool().mean()).containsExactly(0.4914f, 0.4822f, 0.4465f);
    assertThat(record.pool().hash()).hasSize(64);
    assertThat(record.device()).isEqualTo("a test");
    assertThat(record.sagitta()).matches("\\d+\\.\\d+\\.\\d+.*");
    Map<String, String> masks = Safetensors.read(folder.resolve("masks.safetensors")).metadata();
    assertThat(masks).containsEntry(Run.HASH_KEY, record.configurationHash());
  }

  @Test
  void theSameConfigurationContinuesAndChangesNothing() {
    open(CONFIG).close();
    Map<String, byte[]> before = contents();
    open(CONFIG).close();
    Run.open(folder, recorded -> recorded, null, () -> "another device", false).close();
    Run.existing(folder, null).close();
    assertSame(before);
  }

  @Test
  void anotherConfigurationIsRefusedAndNothingChanges() {
    open(CONFIG).close();
    Map<String, byte[]> before = contents();
    assertThatThrownBy(() -> open(CONFIG.toBuilder().epochs(4).learningRate(0.5).build()))
        .isInstanceOf(RunConflictException.class)
        .hasMessageContaining("epochs: 3 in the folder, 4 asked")
        .hasMessageContaining("learning_rate: 0.1 in the folder, 0.5 asked");
    assertThatThrownBy(() -> open(CONFIG.toBuilder().trainSamples(10).build()))
        .isInstanceOf(RunConflictException.class)
        .hasMessageContaining("train_samples: 20 in the folder, 10 asked");
    assertSame(before);
  }

  @Test
  void otherDataAreRefused() throws IOException {
    open(CONFIG).close();
    Map<String, byte[]> before = contents();
    Path file = data.resolve("data_batch_3.bin");
    byte[] bytes = Files.readAllBytes(file);
    bytes[100]++;
    Files.write(file, bytes);
    assertThatThrownBy(() -> open(CONFIG))
        .isInstanceOf(RunConflictException.class)
        .hasMessageContaining("made from other data");
    try (Run run = Run.existing(folder, null)) {
      assertThatThrownBy(run::pool).isInstanceOf(RunConflictException.class);
    }
    assertSame(before);
  }

  @Test
  void moreSamplesThanThereAreLeaveNoFolder() {
    assertThatThrownBy(() -> open(CONFIG.toBuilder().trainSamples(21).build()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("train-samples: expected at most the 20");
    assertThat(folder).doesNotExist();
  }

  @Test
  void aFolderOfOtherThingsIsLeftAlone() throws IOException {
    Files.createDirectories(folder);
    Files.writeString(folder.resolve("thesis.tex"), "x");
    assertThatThrownBy(() -> open(CONFIG))
        .isInstanceOf(RunConflictException.class)
        .hasMessageContaining("found other files and no run.json");
    assertThatThrownBy(() -> Run.existing(temporary.resolve("none"), null))
        .isInstanceOf(RunConflictException.class)
        .hasMessageContaining("found no run.json");
    assertThat(contents()).containsOnlyKeys("thesis.tex");
  }

  @Test
  void damagedAndEditedRecordsAreNamed() throws IOException {
    open(CONFIG).close();
    Path file = folder.resolve("run.json");
    String text = Files.readString(file);
    Files.writeString(file, text.replace("\"epochs\" : 3", "\"epochs\" : 4"));
    assertThatThrownBy(() -> Run.existing(folder, null))
        .isInstanceOf(BadFileException.class)
        .hasMessageContaining("run.json")
        .hasMessageContaining("configuration's hash");
    for (String damaged : List.of("", "null", "[]", text.substring(0, 200), text + "x", "{}")) {
      Files.writeString(file, damaged);
      assertThatThrownBy(() -> Run.existing(folder, null))
          .as("record: %s", damaged)
          .isInstanceOf(BadFileException.class)
          .hasMessageContaining("run.json");
    }
  }

  @Test
  void aRunBegunBeforeScoresHadAPrecisionGoesOnWithPlainQueriesOfOneEstimator() throws IOException {
    RunConfig plain = CONFIG.toBuilder().scorePrecision(ScorePrecision.PLAIN_FP32).build();
    open(plain).close();
    Path file = folder.resolve("run.json");
    String text = Files.readString(file);
    String older =
        text.replaceFirst("\\s*\"score_precision\" : \"plain-fp32\",", "")
            .replaceFirst("\\s*\"estimators\" : \\[ \"zo\" \\],", "")
            .replaceFirst("\\s*\"score_samples\" : 0,", "");
    assertThat(older).doesNotContain("score_precision", "estimators", "score_samples");
    Files.writeString(file, older);
    try (Run run = Run.existing(folder, null)) {
      assertThat(run.config().scorePrecision()).isEqualTo(ScorePrecision.PLAIN_FP32);
      assertThat(run.config().estimators()).containsExactly(Estimator.ZO);
      assertThat(run.scoredSamples()).isEqualTo(run.record().pool().samples());
    }
    assertThat(BEFORE.hash("pool")).isEqualTo(BEFORE_HASH);
    assertThatThrownBy(() -> open(CONFIG))
        .isInstanceOf(RunConflictException.class)
        .hasMessageContaining("score_precision: plain-fp32 in the folder, auto asked");
  }

  @Test
  void filesOfAnotherRunAreRefused() {
    open(CONFIG).close();
    Path weights;
    try (Run run = Run.existing(folder, null)) {
      weights = run.weights(3);
      Map<String, String> own = run.metadata();
      run.requireOwn(weights, own);
      assertThatThrownBy(() -> run.requireOwn(weights, Map.of(Run.HASH_KEY, "other")))
          .isInstanceOf(RunConflictException.class)
          .hasMessageContaining("0003.safetensors: a stale file")
          .hasMessageContaining("found other");
      assertThatThrownBy(() -> run.requireOwn(weights, Map.of()))
          .isInstanceOf(RunConflictException.class)
          .hasMessageContaining("found none");
    }
    Path masks = folder.resolve("masks.safetensors");
    Safetensors.File file = Safetensors.read(masks);
    Entry members = file.entry("members");
    byte[] bytes = members.bytes();
    bytes[0] ^= 1;
    Entry changed = Entry.ofUnsignedBytes("members", members.shape(), bytes);
    Safetensors.write(masks, List.of(changed, file.entry("labels")), file.metadata());
    assertThatThrownBy(() -> Run.existing(folder, null))
        .isInstanceOf(BadFileException.class)
        .hasMessageContaining("masks.safetensors");
  }

  @Test
  void leftoversOfKilledProcessesAreCleared() throws IOException {
    open(CONFIG).close();
    Path leftover = folder.resolve("models/.0000.safetensors.99-1.sagitta-tmp");
    Files.writeString(leftover, "half a file");
    Run.existing(folder, null).close();
    assertThat(leftover).doesNotExist();
  }

  @Test
  void photographsGetAWideStem() {
    assertThat(RunInputs.network(CONFIG, 10, 32, 32).toString())
        .isEqualTo("resnet8, width 4, 10 classes");
    RunConfig wide = CONFIG.toBuilder().architecture("resnet18").width(0).build();
    assertThat(RunInputs.network(wide, 10, 224, 224).toString())
        .isEqualTo("resnet18, width 64, 10 classes, ImageNet stem");
  }

  private void assertSame(Map<String, byte[]> before) {
    Map<String, byte[]> after = contents();
    assertThat(after).containsOnlyKeys(before.keySet());
    before.forEach((name, bytes) -> assertThat(after.get(name)).as(name).isEqualTo(bytes));
  }

  /** Everything but locks. */
  private Map<String, byte[]> contents() {
    try (Stream<Path> files = Files.walk(folder)) {
      Map<String, byte[]> contents = new TreeMap<>();
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        if (!file.getFileName().toString().startsWith(".")) {
          contents.put(folder.relativize(file).toString(), Files.readAllBytes(file));
        }
      }
      return contents;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
