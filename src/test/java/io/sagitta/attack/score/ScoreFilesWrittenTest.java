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
import io.sagitta.nn.models.Goldens;
import io.sagitta.nn.models.Model;
import io.sagitta.nn.models.ModelSpec;
import io.sagitta.nn.models.Models;
import io.sagitta.nn.models.Weights;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** When score files are written, what they say of themselves, and what is refused. */
class ScoreFilesWrittenTest {
  private static final Map<String, String> PROVENANCE = Map.of("model_hash", "abc");

  private final ImageDataset dataset = ScoredNetwork.dataset();
  private Backend backend;
  private Classifier classifier;
  private Path file;

  @BeforeEach
  void open(@TempDir Path folder) {
    backend = Devices.open("host");
    classifier = ScoredNetwork.classifier(backend);
    file = folder.resolve("0000.safetensors");
  }

  @AfterEach
  void close() {
    classifier.close();
    assertThat(backend.liveBytes()).isZero();
    backend.close();
  }

  @Test
  void metadataSaysHowAndFromWhat() {
    assertThat(write(1, PROVENANCE)).isTrue();
    assertThat(Safetensors.read(file).metadata())
        .containsEntry("views", "identity,flip")
        .containsEntry("estimator", "zo")
        .containsEntry("evaluation", "plain")
        .containsEntry("h", "0.001")
        .containsEntry("n", "2")
        .containsEntry("seed", "1")
        .containsEntry("samples", "8")
        .containsEntry("dataset", "golden")
        .containsEntry("dataset_hash", dataset.hash())
        .containsEntry("model_hash", "abc");
  }

  @Test
  void currentFileIsKeptAndStaleOneReplaced() throws IOException {
    write(1, PROVENANCE);
    byte[] first = Files.readAllBytes(file);
    assertThat(write(1, PROVENANCE)).isFalse();
    assertThat(write(1, Map.of("model_hash", "def"))).isTrue();
    assertThat(write(2, PROVENANCE)).isTrue();
    assertThat(Files.readAllBytes(file)).isNotEqualTo(first);
    assertThat(write(1, PROVENANCE)).isTrue();
    assertThat(Files.readAllBytes(file)).isEqualTo(first);
  }

  @Test
  void interruptedScoringLeavesNoScoreFile() {
    ScoreListener stop =
        (done, total) -> {
          throw new IllegalStateException("stop");
        };
    assertThatThrownBy(() -> write(classifier, settings(1), PROVENANCE, stop)).hasMessage("stop");
    assertThat(file).doesNotExist();
  }

  @Test
  void missingFolderIsToldBeforeTheWork() {
    ScoreListener working =
        (done, total) -> {
          throw new IllegalStateException("worked");
        };
    Path nowhere = file.resolveSibling("absent").resolve("0000.safetensors");
    assertThatThrownBy(
            () ->
                RunScores.write(
                    nowhere, ScoredModel.of(classifier), List.of(settings(1)), dataset,
                    View.first(1), PROVENANCE, working))
        .hasMessageContainingAll("absent", "folder");
    assertThatThrownBy(
            () ->
                StandaloneScores.write(
                    nowhere, ScoredModel.of(classifier), settings(1), dataset, false, PROVENANCE,
                    working))
        .hasMessageContainingAll("absent", "folder");
  }

  @Test
  void listenerHearsEverySample() {
    List<String> heard = new ArrayList<>();
    ModelScorer scorer =
        new ModelScorer(
            classifier, ScoreSettings.zeroOrder(1e-3, 1, 1),
            (done, total) -> heard.add(done + "/" + total));
    scorer.score(dataset, View.first(2), 0, (part, row) -> heard.add("row " + row));
    assertThat(heard).containsExactly("row 0", "8/16", "row 8", "16/16");
  }

  @Test
  void otherNumberOfClassesIsRefused() {
    ModelScorer scorer = new ModelScorer(classifier, settings(1), ScoreListener.SILENT);
    assertThatThrownBy(() -> scorer.score(ScoredNetwork.dataset(11), spectrum -> {}))
        .hasMessageContainingAll("11 classes", "10 classes", "resnet8");
  }

  @Test
  void weightsThatAreNoNumbersAreRefused() {
    Model model = Models.create(ModelSpec.of("resnet8", ScoredNetwork.CLASSES, 4));
    try (Weights weights = Goldens.weights(model, backend)) {
      backend.fill(weights.get("linear.bias").buffer(), Double.NaN);
      try (Classifier broken = Classifier.of(model, weights)) {
        assertThatThrownBy(() -> write(broken, settings(1), PROVENANCE, ScoreListener.SILENT))
            .isInstanceOf(NotFiniteException.class)
            .hasMessageContainingAll("finite", "sample 0", "weights");
        assertThat(file).doesNotExist();
      }
    }
  }

  @Test
  void namesAndCountsAreChecked() {
    assertThatThrownBy(() -> Estimator.of("zoo")).hasMessageContainingAll("zo", "'zoo'");
    assertThatThrownBy(() -> View.first(3)).hasMessageContainingAll("1 to 2", "3");
    assertThatThrownBy(() -> ScoreSettings.zeroOrder(-1, 10, 0)).hasMessageContaining("-1.0");
    ScoreSettings traces =
        new ScoreSettings(Estimator.HUTCHINSON, 0, 1, 1, 8, Evaluation.plain(), DType.F32);
    assertThatThrownBy(
            () ->
                StandaloneScores.write(
                    file, ScoredModel.of(classifier), traces, dataset, true, PROVENANCE,
                    ScoreListener.SILENT))
        .hasMessageContainingAll("zo", "hutchinson", "directions");
  }

  private boolean write(long seed, Map<String, String> provenance) {
    return write(classifier, settings(seed), provenance, ScoreListener.SILENT);
  }

  private boolean write(
      Classifier model, ScoreSettings settings, Map<String, String> provenance,
      ScoreListener listener) {
    return RunScores.write(
        file, ScoredModel.of(model), List.of(settings), dataset, View.first(2), provenance,
        listener);
  }

  private static ScoreSettings settings(long seed) {
    return ScoreSettings.zeroOrder(1e-3, 2, seed);
  }
}
