package io.sagitta.attack.score;

import static org.assertj.core.api.Assertions.assertThat;

import io.sagitta.engine.curvature.Evaluation;
import io.sagitta.kernels.Backend;
import io.sagitta.kernels.Devices;
import io.sagitta.kernels.Tolerance;
import io.sagitta.kernels.reference.ReferenceBackend;
import io.sagitta.nn.io.Safetensors;
import io.sagitta.nn.io.Safetensors.Entry;
import io.sagitta.nn.models.Classifier;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Score files against PyTorch in float64 with directions drawn by the script's own Philox: {@code
 * goldens/score/generate.py}.
 */
class ScoreGoldensTest {
  /** The stencil's four losses, rounded at 1e-16 each, cancel to 4h times a score near 1e-3. */
  private static final double FLOAT64 = 1e-9;

  private static Safetensors.File golden;

  @TempDir private Path folder;

  @BeforeAll
  static void read() throws URISyntaxException {
    URL file = ScoreGoldensTest.class.getResource("/goldens/score/score.safetensors");
    golden = Safetensors.read(Path.of(file.toURI()));
  }

  @Test
  void runScoresInFloat64() {
    try (ReferenceBackend backend = new ReferenceBackend()) {
      try (Classifier classifier = ScoredNetwork.classifier(backend)) {
        for (Estimator estimator : List.of(Estimator.ZO, Estimator.HUTCHINSON)) {
          Safetensors.File file = runScores(classifier, estimator);
          for (String name :
              List.of(estimator.tensorName(), "loss", "prob_true", "prob_max", "logit")) {
            Entry entry = file.entry(name);
            assertThat(entry.type()).isEqualTo(Safetensors.Type.F64);
            assertThat(entry.shape()).containsExactly(2, ScoredNetwork.SAMPLES);
            Tolerance.checkNear(name, entry.doubles(), golden.entry(name).doubles(), FLOAT64);
          }
        }
      }
      assertThat(backend.liveBytes()).isZero();
    }
  }

  @Test
  void standaloneScoresWithTheirDirections() {
    try (ReferenceBackend backend = new ReferenceBackend();
        Classifier classifier = ScoredNetwork.classifier(backend)) {
      Path path = folder.resolve("alone.safetensors");
      StandaloneScores.write(
          path, ScoredModel.of(classifier), settings(classifier, Estimator.ZO),
          ScoredNetwork.dataset(), true, Map.of(), ScoreListener.SILENT);
      Safetensors.File file = Safetensors.read(path);
      check(file.entry("score"), golden.entry("curv_zo"), FLOAT64);
      check(file.entry("loss"), golden.entry("loss"), FLOAT64);
      assertThat(file.entry("logits").type()).isEqualTo(Safetensors.Type.F32);
      assertThat(file.entry("logits").shape()).containsExactly(8, 10);
      check(file.entry("logits"), golden.entry("logits"), 1e-6);
      for (String name : List.of("v", "u")) {
        assertThat(file.entry(name).shape()).containsExactly(4, 8, 3, 12, 12);
        assertThat(file.entry(name).type()).isEqualTo(Safetensors.Type.I8);
        assertThat(file.entry(name).bytes()).isEqualTo(golden.entry(name).bytes());
      }
    }
  }

  /** In float32 the losses agree to rounding, and the score to the noise of its differences. */
  @Test
  void runScoresInFloat32() {
    try (Backend backend = Devices.open("auto");
        Classifier classifier = ScoredNetwork.classifier(backend)) {
      Safetensors.File file = runScores(classifier, Estimator.ZO);
      for (String name : List.of("loss", "logit")) {
        double[] expected = golden.entry(name).doubles();
        Tolerance.checkNear(name, file.entry(name).doubles(), expected, 1e-6);
      }
      double[] score = file.entry("curv_zo").doubles();
      double[] expected = golden.entry("curv_zo").doubles();
      double[] errors = new double[score.length];
      for (int i = 0; i < errors.length; i++) {
        errors[i] = Math.abs(score[i] / expected[i] - 1);
      }
      Arrays.sort(errors);
      assertThat(errors[errors.length / 2]).as("median relative error").isLessThan(0.2);
      Safetensors.File traces = runScores(classifier, Estimator.HUTCHINSON);
      Tolerance.checkNear(
          "trace", traces.entry("curv_trace").doubles(), golden.entry("curv_trace").doubles(),
          1e-5);
    }
  }

  private Safetensors.File runScores(Classifier classifier, Estimator estimator) {
    Path path = folder.resolve(estimator.text() + ".safetensors");
    RunScores.write(
        path, ScoredModel.of(classifier), List.of(settings(classifier, estimator)),
        ScoredNetwork.dataset(), View.first(2), Map.of(), ScoreListener.SILENT);
    return Safetensors.read(path);
  }

  private static ScoreSettings settings(Classifier classifier, Estimator estimator) {
    return new ScoreSettings(
        estimator, 1e-3, 4, 7, 20, Evaluation.plain(), classifier.backend().dtype());
  }

  /** Compares with the golden's first view. */
  private static void check(Entry actual, Entry views, double limit) {
    double[] values = actual.doubles();
    double[] expected = Arrays.copyOf(views.doubles(), values.length);
    Tolerance.checkNear(actual.name(), values, expected, limit);
  }
}
