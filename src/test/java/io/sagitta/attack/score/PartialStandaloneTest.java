package io.sagitta.attack.score;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sagitta.engine.curvature.Evaluation;
import io.sagitta.kernels.Backend;
import io.sagitta.kernels.DType;
import io.sagitta.kernels.Devices;
import io.sagitta.nn.data.ImageDataset;
import io.sagitta.nn.io.Safetensors;
import io.sagitta.nn.models.Classifier;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a stop keeps of one model's scores by themselves; there are three chunks of samples. */
class PartialStandaloneTest {
  private static final int SAMPLES = 150;
  private static final int CHUNKS = 3;
  private static final Map<String, String> PROVENANCE = Map.of("weights_hash", "abc");

  /** Between them they have every tensor. */
  enum Kind {
    NOISY(2 * CHUNKS, false, Estimator.ZO, 0),
    TOP(CHUNKS, true, Estimator.EXACT, 0),
    PRECISE(CHUNKS, false, Estimator.HUTCHINSON, 0.5);

    private final int chunks;
    private final boolean keepsDirections;
    private final Estimator estimator;
    private final double relativeError;

    Kind(int chunks, boolean keepsDirections, Estimator estimator, double relativeError) {
      this.chunks = chunks;
      this.keepsDirections = keepsDirections;
      this.estimator = estimator;
      this.relativeError = relativeError;
    }

    private ScoreSettings settings(long seed) {
      return new ScoreSettings(
              estimator, 1e-3, 16, seed, 100, Evaluation.plain(), DType.F32)
          .until(relativeError);
    }
  }

  private final ImageDataset dataset =
      ScoredNetwork.dataset(SAMPLES, ScoredNetwork.CLASSES);
  private Backend backend;
  private Classifier classifier;
  private Path file;
  private Path partial;

  @BeforeEach
  void open(@TempDir Path folder) {
    backend = Devices.open("host");
    classifier = ScoredNetwork.classifier(backend);
    file = folder.resolve("scores.safetensors");
    partial = folder.resolve("scores.safetensors.partial");
  }

  @AfterEach
  void close() {
    classifier.close();
    assertThat(backend.liveBytes()).isZero();
    backend.close();
  }

  @ParameterizedTest
  @EnumSource
  void stoppedScoringGoesOnToTheSameBits(Kind kind) throws IOException {
    assertThat(finish(kind, 1)).isEqualTo(kind.chunks);
    byte[] expected = Files.readAllBytes(file);
    for (int chunks = 1; chunks <= kind.chunks; chunks++) {
      Files.delete(file);
      stopAfter(chunks, kind, 1);
      assertThat(file).doesNotExist();
      assertThat(finish(kind, 1)).as("chunks left").isEqualTo(kind.chunks - chunks);
      assertThat(file).hasBinaryContent(expected);
      assertThat(partial).doesNotExist();
    }
  }

  @Test
  void scoresMadeOtherwiseAreNotGoneOnFrom() throws IOException {
    finish(Kind.NOISY, 1);
    byte[] expected = Files.readAllBytes(file);
    stopAfter(2, Kind.NOISY, 2);
    assertThat(Safetensors.read(partial).metadata()).containsEntry("seed", "2");
    assertThat(finish(Kind.NOISY, 1)).as("another seed").isEqualTo(Kind.NOISY.chunks);
    assertThat(file).hasBinaryContent(expected);
    stopAfter(2, Kind.PRECISE, 1);
    assertThat(finish(Kind.NOISY, 1)).as("another estimator").isEqualTo(Kind.NOISY.chunks);
    assertThat(file).hasBinaryContent(expected);
  }

  private void stopAfter(int chunks, Kind kind, long seed) {
    int[] heard = {0};
    assertThatThrownBy(
            () -> write(
                kind, seed,
                (done, total) -> {
                  if (++heard[0] == chunks) {
                    throw new IllegalStateException("stop");
                  }
                }))
        .hasMessage("stop");
    assertThat(partial).exists();
  }

  /** The chunks that were left to score. */
  private int finish(Kind kind, long seed) {
    int[] heard = {0};
    write(kind, seed, (done, total) -> heard[0]++);
    return heard[0];
  }

  private void write(Kind kind, long seed, ScoreListener listener) {
    StandaloneScores.write(
        file, ScoredModel.of(classifier), kind.settings(seed), dataset, kind.keepsDirections,
        PROVENANCE, listener);
  }
}
