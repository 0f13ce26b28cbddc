package io.sagitta.attack.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sagitta.nn.io.BadFileException;
import io.sagitta.nn.io.Safetensors;
import io.sagitta.nn.io.Safetensors.Entry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Reading score folders, right and wrong. */
class ScoreFilesTest {
  private static final Set<Signal> SIGNALS = EnumSet.of(Signal.LOSS, Signal.CURV_ZO);
  private static final Map<String, String> VIEWS = Map.of("views", "identity,flip");

  @TempDir Path folder;
  private Path masks;
  private Path scores;

  @BeforeEach
  void makeFolder() throws IOException {
    masks = folder.resolve("masks.safetensors");
    scores = Files.createDirectory(folder.resolve("scores"));
    writeMasks(new byte[] {1, 0, 1, 0, 1, 0}, new long[] {2, 3}, new long[] {5, 6, 7});
    write(0, VIEWS, entry("loss", 1, 2, 3, 4, 5, 6), entry("curv_zo", 0, 0, 0, 0, 0, .5));
  }

  @Test
  void readsBothPrecisionsAndLeavesOutModelsWithoutScores() {
    Entry doubles = Entry.ofDoubles("loss", new long[] {2, 3}, new double[] {.1, 0, 0, 0, 0, 9});
    write(0, VIEWS, doubles, entry("curv_zo", 1, 2, 3, 4, 5, .1), entry("other", 1, 1, 1, 1, 1, 1));
    ScoreSet set = ScoreFiles.read(masks, scores, SIGNALS);
    assertThat(set.models()).isEqualTo(2);
    assertThat(set.samples()).isEqualTo(3);
    assertThat(set.views()).containsExactly("identity", "flip");
    assertThat(set.label(2)).isEqualTo(7);
    assertThat(set.member(0, 0)).isTrue();
    assertThat(set.member(1, 0)).isFalse();
    assertThat(set.values(Signal.LOSS, 0, 0)).containsExactly(.1, 0, 0);
    assertThat(set.values(Signal.CURV_ZO, 0, 1)).containsExactly(4, 5, .1f);
    assertThat(set.signals()).isEqualTo(SIGNALS);
    assertThat(set.has(Signal.LOSS, 1)).isFalse();
    assertThat(set.has(Signal.LOGIT, 0)).isFalse();
    assertThatThrownBy(() -> set.values(Signal.LOSS, 1, 0))
        .hasMessageContaining("model 1 has no values of loss");
  }

  @Test
  void filesOfTheFirstSamplesMakeASetOfThese() {
    Map<String, String> two = Map.of("views", "identity,flip", "samples", "2");
    write(0, two, entry("loss", 1, 2, 3, 4));
    ScoreSet set = ScoreFiles.read(masks, scores, SIGNALS);
    assertThat(set.samples()).isEqualTo(2);
    assertThat(set.member(0, 0)).isTrue();
    assertThat(set.member(1, 1)).isTrue();
    assertThat(set.label(1)).isEqualTo(6);
    assertThat(set.values(Signal.LOSS, 0, 1)).containsExactly(3, 4);
    expect(() -> {
          write(0, two, entry("loss", 1, 2, 3, 4));
          write(1, VIEWS, entry("loss", 1, 2, 3, 4, 5, 6));
        },
        "0001.safetensors: tensor loss: expected shape [2, 2]");
    expect(() -> write(0, VIEWS, entry("loss", 1, 2, 3, 4)),
        "tensor loss: expected shape [2, 3]");
    expect(() -> write(0, Map.of("samples", "4"), entry("loss", 1, 2, 3, 4, 5, 6, 7, 8)),
        "tensor loss: expected shape [2, 3]");
  }

  @Test
  void viewsWithoutNamesAreTheImageAndItsFlip() {
    write(0, Map.of(), entry("loss", 1, 2, 3, 4, 5, 6), entry("curv_zo", 1, 2, 3, 4, 5, 6));
    assertThat(ScoreFiles.read(masks, scores, SIGNALS).views()).containsExactly("identity", "flip");
  }

  @Test
  void wrongFilesAreNamedWithWhatWasExpectedAndFound() {
    expect(() -> writeMasks(new byte[] {1, 0, 1, 0, 2, 0}, new long[] {2, 3}, new long[3]),
        "masks.safetensors: tensor members: expected 0 or 1, found 2 for model 1, sample 1");
    expect(() -> writeMasks(new byte[6], new long[] {6}, new long[6]),
        "expected a shape [models, samples], found [6]");
    expect(() -> writeMasks(new byte[6], new long[] {2, 3}, new long[2]),
        "tensor labels: expected shape [3] as in members, found [2]");
    expect(() -> writeMasks(new byte[4], new long[] {2, 2}, new long[2]),
        "0000.safetensors: tensor curv_zo: expected shape [2, 2]");
    expect(() -> write(0, VIEWS, entry("noise", 1, 2, 3, 4, 5, 6)),
        "0000.safetensors: expected tensors such as [curv_zo, loss], found [noise]");
    expect(() -> write(0, Map.of("views", "a,a"), entry("loss", 1, 2, 3, 4, 5, 6)),
        "metadata views: expected distinct names, found \"a,a\"");
    expect(() -> write(1, Map.of("views", "flip,identity"), entry("loss", 1, 2, 3, 4, 5, 6)),
        "0001.safetensors: expected the views [identity, flip]");
    expect(() -> write(1, VIEWS, entry("loss", 1, 2, 3, 4, 5, 6),
            Entry.ofLongs("curv_zo", new long[] {2, 3}, new long[6])),
        "tensor curv_zo: expected type F32 or F64, found I64");
    expect(() -> write(2, VIEWS, entry("loss", 1, 2, 3, 4, 5, 6)),
        "0002.safetensors: expected scores of models 0..1");
  }

  @Test
  void aFolderWithoutScoresIsRefused() throws IOException {
    Files.delete(scores.resolve("0000.safetensors"));
    assertThatThrownBy(() -> ScoreFiles.read(masks, scores, SIGNALS))
        .isInstanceOf(BadFileException.class)
        .hasMessageContaining("expected score files such as 0000.safetensors, found none");
    assertThatThrownBy(() -> ScoreFiles.read(masks, scores.resolve("no"), SIGNALS))
        .hasMessageContaining("expected a folder of score files");
  }

  @Test
  void aSignalThatAFileLacksIsLeftOutOfItsModelAlone() {
    write(1, VIEWS, entry("loss", 1, 2, 3, 4, 5, 6));
    ScoreSet set = ScoreFiles.read(masks, scores, EnumSet.allOf(Signal.class));
    assertThat(set.signals()).isEqualTo(SIGNALS);
    assertThat(set.has(Signal.CURV_ZO, 0)).isTrue();
    assertThat(set.has(Signal.CURV_ZO, 1)).isFalse();
    assertThat(set.has(Signal.LOSS, 1)).isTrue();
  }

  @Test
  void scoresOfAnotherModelOfTheRunAreRefused() {
    Entry loss = entry("loss", 1, 2, 3, 4, 5, 6);
    write(1, Map.of("configuration_hash", "aa", "model", "0"), loss);
    assertThatThrownBy(() -> ScoreFiles.read(masks, scores, SIGNALS))
        .isInstanceOf(BadFileException.class)
        .hasMessageContaining("0001.safetensors: metadata model: expected 1, found 0");
    write(1, Map.of("configuration_hash", "aa", "model", "1"), loss);
    assertThat(ScoreFiles.read(masks, scores, SIGNALS).has(Signal.LOSS, 1)).isTrue();
    write(1, Map.of("model", "resnet18"), loss);
    assertThat(ScoreFiles.read(masks, scores, SIGNALS).has(Signal.LOSS, 1))
        .as("made elsewhere, where the entry may mean anything").isTrue();
  }

  @Test
  void filesOfOtherDataOrAnotherRunAreRefused() {
    Entry loss = entry("loss", 1, 2, 3, 4, 5, 6);
    write(0, Map.of("views", "identity,flip", "dataset_hash", "aa"), loss);
    expectBad("dataset_hash", "bb", "aa", loss);
    write(0, Map.of("views", "identity,flip", "configuration_hash", "cc"), loss);
    expectBad("configuration_hash", "dd", "cc", loss);
  }

  private void expectBad(String key, String found, String expected, Entry loss) {
    write(1, Map.of("views", "identity,flip", key, found), loss);
    assertThatThrownBy(() -> ScoreFiles.read(masks, scores, SIGNALS))
        .isInstanceOf(BadFileException.class)
        .hasMessageContaining("0001.safetensors: metadata " + key + ": expected " + expected)
        .hasMessageContaining("found " + found + "; it belongs to other data or another run");
  }

  private void expect(Runnable damage, String message) {
    try {
      makeFolderAgain();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    damage.run();
    assertThatThrownBy(() -> ScoreFiles.read(masks, scores, SIGNALS))
        .isInstanceOf(BadFileException.class)
        .hasMessageContaining(message);
  }

  private void makeFolderAgain() throws IOException {
    for (int model = 0; model < 3; model++) {
      Files.deleteIfExists(ScoreFiles.file(scores, model));
    }
    Files.delete(scores);
    makeFolder();
  }

  private void writeMasks(byte[] members, long[] shape, long[] labels) {
    Safetensors.write(
        masks,
        List.of(
            Entry.ofUnsignedBytes("members", shape, members),
            Entry.ofLongs("labels", new long[] {labels.length}, labels)),
        Map.of());
  }

  private void write(int model, Map<String, String> metadata, Entry... entries) {
    Safetensors.write(ScoreFiles.file(scores, model), List.of(entries), metadata);
  }

  private static Entry entry(String name, double... values) {
    float[] floats = new float[values.length];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = (float) values[i];
    }
    return Entry.ofFloats(name, new long[] {2, values.length / 2}, floats);
  }
}
