package io.sagitta.attack.score;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sagitta.engine.curvature.Evaluation;
import io.sagitta.kernels.Backend;
import io.sagitta.kernels.DType;
import io.sagitta.kernels.Devices;
import io.sagitta.nn.data.ImageDataset;
import io.sagitta.nn.io.Safetensors;
import io.sagitta.nn.io.Safetensors.Entry;
import io.sagitta.nn.models.Classifier;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What a stop keeps of a model's scores. Each view is three chunks; the stages are zero-order
 * scores, their noise floors, and Hutchinson's scores: 18 chunks in all.
 */
class PartialScoresTest {
  private static final int SAMPLES = 150;
  private static final int CHUNK = 64;
  private static final int CHUNKS = 18;
  private static final Map<String, String> PROVENANCE = Map.of("model_hash", "abc");
  private static final long SECOND = 1_000_000_000L;

  private final ImageDataset dataset =
      ScoredNetwork.dataset(SAMPLES, ScoredNetwork.CLASSES);
  private Backend backend;
  private Classifier classifier;
  private Path file;
  private Path partial;
  private byte[] expected;
  private int wholeQueries;
  private int queries;
  private boolean keepsAnswers;

  @BeforeEach
  void scoreAtOnce(@TempDir Path folder) throws IOException {
    backend = Devices.open("host");
    classifier = ScoredNetwork.classifier(backend);
    file = folder.resolve("0000.safetensors");
    partial = folder.resolve("0000.safetensors.partial");
    assertThat(finish(1)).isEqualTo(CHUNKS);
    wholeQueries = queries;
    expected = Files.readAllBytes(file);
    Files.delete(file);
    queries = 0;
  }

  @AfterEach
  void close() {
    classifier.close();
    assertThat(backend.liveBytes()).isZero();
    backend.close();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3, 5, 6, 7, 11, 12, 13, 17, 18})
  void stoppedScoringGoesOnToTheSameBits(int chunks) {
    stopAfter(chunks);
    assertThat(file).doesNotExist();
    assertThat(partial).exists();
    assertThat(finish(1)).as("chunks left").isEqualTo(CHUNKS - chunks);
    assertWhole();
    assertThat(queries).as("nothing is asked twice").isEqualTo(wholeQueries);
  }

  @Test
  void everyCallMayBeStopped() {
    for (int chunk = 1; chunk <= CHUNKS; chunk++) {
      stopAfter(1);
    }
    assertThat(finish(1)).isZero();
    assertWhole();
    assertThat(queries).isEqualTo(wholeQueries);
  }

  @Test
  void whatAKillLeavesIsGoneOnFrom() throws IOException {
    stopAfter(4);
    byte[] early = Files.readAllBytes(partial);
    stopAfter(4);
    Files.write(partial, early);
    assertThat(finish(1)).isEqualTo(CHUNKS - 4);
    assertWhole();
  }

  @Test
  void scoresMadeOtherwiseAreReplaced() throws IOException {
    assertThatThrownBy(() -> score(2, PROVENANCE, stopping(4))).hasMessage("stop");
    assertThat(finish(1)).as("another seed").isEqualTo(CHUNKS);
    assertWhole();
    Files.delete(file);
    assertThatThrownBy(() -> score(1, Map.of("model_hash", "def"), stopping(4)))
        .hasMessage("stop");
    stopAfter(2);
    assertThat(finish(1)).as("other weights").isEqualTo(CHUNKS - 2);
    assertWhole();
  }

  @ParameterizedTest
  @ValueSource(strings = {"device=cuda", "chunk=128"})
  void scoresOfOtherBitsAreNotGoneOnFrom(String entry) {
    stopAfter(4);
    String[] pair = entry.split("=");
    assertThat(Safetensors.read(partial).metadata()).containsKey(pair[0]);
    rewrite(pair[0], pair[1], List.of());
    assertThat(finish(1)).isEqualTo(CHUNKS);
    assertWhole();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "many", "-64", "65", "901", "99999999999999999999"})
  void countsThatCannotBeAreNotTrusted(String rows) {
    stopAfter(4);
    rewrite("rows_done", rows, List.of());
    assertThat(finish(1)).isEqualTo(CHUNKS);
    assertWhole();
  }

  @Test
  void damagedFilesAreScoredAgain() throws IOException {
    stopAfter(4);
    byte[] sound = Files.readAllBytes(partial);
    List<byte[]> damaged =
        List.of(new byte[0], new byte[] {1, 2, 3}, Arrays.copyOf(sound, sound.length / 2));
    for (byte[] bytes : damaged) {
      Files.write(partial, bytes);
      assertThat(finish(1)).isEqualTo(CHUNKS);
      assertWhole();
      Files.delete(file);
    }
    Files.write(partial, sound);
    List<Entry> misfits =
        List.of(
            Entry.ofDoubles("mentr", new long[] {SAMPLES, 2}, new double[2 * SAMPLES]),
            Entry.ofFloats("mentr", new long[] {2, SAMPLES}, new float[2 * SAMPLES]),
            Entry.ofDoubles("other", new long[] {2, SAMPLES}, new double[2 * SAMPLES]));
    for (Entry misfit : misfits) {
      Files.write(partial, sound);
      rewrite("rows_done", Integer.toString(CHUNK), List.of(misfit));
      assertThat(finish(1)).as(misfit.toString()).isEqualTo(CHUNKS);
      assertWhole();
      Files.delete(file);
    }
  }

  @Test
  void ofAModelThatKeepsItsAnswersThereIsNothingToKeep() {
    stopAfter(4);
    keepsAnswers = true;
    assertThatThrownBy(() -> score(1, PROVENANCE, stopping(2))).hasMessage("stop");
    assertThat(rowsDone()).as("left alone").isEqualTo(Integer.toString(SAMPLES + CHUNK));
    assertThat(finish(1)).as("asked anew, also of what is there").isEqualTo(CHUNKS);
    assertWhole();
    assertThatThrownBy(() -> score(2, PROVENANCE, stopping(2))).hasMessage("stop");
    assertThat(partial).doesNotExist();
  }

  @Test
  void scoresThatAreNoNumbersLeaveNothing() {
    stopAfter(4);
    ScoredModel model = counted();
    ScoredModel broken =
        new ScoredModel(
            x -> model.network().logits(x).mul(Double.NaN), backend, model.classes(), "broken",
            model.lossRounding(), false);
    assertThatThrownBy(
            () -> RunScores.write(
                file, broken, settings(1), dataset, View.first(2), PROVENANCE,
                ScoreListener.SILENT))
        .isInstanceOf(NotFiniteException.class)
        .hasMessageContaining("for sample 64");
    assertThat(file).doesNotExist();
    assertThat(partial).doesNotExist();
  }

  @Test
  void writingTakesATwentiethOfTheTime() {
    long[] now = {0};
    long[] writing = {0};
    PartialScores scores =
        new PartialScores(
            file, PROVENANCE, List.of(PartialScores.Column.ofDoubles("loss", 1, 1000)), 1, 1000,
            () -> {
              long time = now[0];
              now[0] += writing[0];
              return time;
            });
    scores.add(1);
    now[0] = 10 * SECOND;
    scores.add(1);
    assertThat(partial).as("ten seconds, not more").doesNotExist();
    now[0]++;
    writing[0] = SECOND;
    scores.add(1);
    writing[0] = 0;
    assertThat(rowsDone()).isEqualTo("3");
    now[0] = 32 * SECOND;
    scores.add(1);
    assertThat(rowsDone()).as("twenty times a second's writing").isEqualTo("3");
    now[0] = 34 * SECOND;
    scores.add(1);
    assertThat(rowsDone()).isEqualTo("5");
  }

  private String rowsDone() {
    return Safetensors.read(partial).metadata().get("rows_done");
  }

  private void assertWhole() {
    assertThat(file).hasBinaryContent(expected);
    assertThat(partial).doesNotExist();
  }

  /** Replaces an entry of the partial file's metadata, and its last tensors. */
  private void rewrite(String key, String value, List<Entry> last) {
    Safetensors.File found = Safetensors.read(partial);
    Map<String, String> metadata = new HashMap<>(found.metadata());
    metadata.put(key, value);
    List<Entry> entries = new ArrayList<>(found.entries().values());
    entries = new ArrayList<>(entries.subList(0, entries.size() - last.size()));
    entries.addAll(last);
    Safetensors.write(partial, entries, metadata);
  }

  private void stopAfter(int chunks) {
    assertThatThrownBy(() -> score(1, PROVENANCE, stopping(chunks))).hasMessage("stop");
  }

  private static ScoreListener stopping(int chunks) {
    int[] heard = {0};
    return (done, total) -> {
      if (++heard[0] == chunks) {
        throw new IllegalStateException("stop");
      }
    };
  }

  /** The chunks that were left to score. */
  private int finish(long seed) {
    int[] heard = {0};
    assertThat(score(seed, PROVENANCE, (done, total) -> heard[0]++)).isTrue();
    return heard[0];
  }

  private boolean score(long seed, Map<String, String> provenance, ScoreListener listener) {
    return RunScores.write(
        file, counted(), settings(seed), dataset, View.first(2), provenance, listener);
  }

  private ScoredModel counted() {
    ScoredModel model = ScoredModel.of(classifier);
    return new ScoredModel(
        x -> {
          queries += x.shape().dim(0);
          return model.network().logits(x);
        },
        backend, model.classes(), model.name(), model.lossRounding(), keepsAnswers);
  }

  private static List<ScoreSettings> settings(long seed) {
    return List.of(
        new ScoreSettings(Estimator.ZO, 1e-3, 2, seed, 100, Evaluation.plain(), DType.F32),
        new ScoreSettings(
            Estimator.HUTCHINSON, 1e-3, 2, seed, 100, Evaluation.plain(), DType.F32));
  }
}
