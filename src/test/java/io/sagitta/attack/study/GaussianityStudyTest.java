package io.sagitta.attack.study;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GaussianityStudyTest {
  @TempDir Path folder;

  private Written study(KnownScores.Noise noise) {
    StudiedRun run = KnownScores.run(3, 20, 2, 1200, 1, 1, noise);
    return Written.of(new GaussianityStudy(run, (way, fraction) -> {}).report(), folder);
  }

  @Test
  void gaussianScoresAreRejectedAsOftenAsChanceDoes() {
    Written written = study(KnownScores.GAUSSIAN);
    assertThat(written.json().get("rows")).hasSize(2 * 2 * 3);
    for (JsonNode row : written.json().get("rows")) {
      assertThat(row.get("images").asInt()).isEqualTo(1200);
      assertThat(row.get("values_least").asInt()).isEqualTo(10);
      assertThat(row.get("rejected").asDouble())
          .as(row.toString())
          .isEqualTo(row.get("expected").asDouble(), within(0.025));
      assertThat(row.get("rejected").asDouble()).isBetween(0.02, 0.09);
    }
    assertThat(written.found())
        .contains("do not show that log curvature is other than Gaussian")
        .doesNotContain("not quite Gaussian");
    for (JsonNode row : written.json().get("residuals")) {
      assertThat(row.get("beyond_2").asDouble()).isEqualTo(0.0455, within(0.006));
    }
    assertThat(written.html()).contains("Q-Q of log curvature", "Q-Q of the logit");
    assertThat(folder.resolve("gaussianity-logit.svg")).isNotEmptyFile();
  }

  @Test
  void skewedScoresAreFound() {
    Written written = study(KnownScores.SKEWED);
    assertThat(written.found())
        .contains("log curvature is not quite Gaussian", "the logit is not quite Gaussian");
    for (JsonNode row : written.rows("test", "Shapiro-Wilk")) {
      assertThat(row.get("rejected").asDouble()).isGreaterThan(0.25);
      assertThat(row.get("expected").asDouble()).isLessThan(0.08);
    }
  }

  @Test
  void tooFewModelsAreNamed() {
    StudiedRun run = KnownScores.run(3, 4, 2, 50, 1, 1, KnownScores.GAUSSIAN);
    assertThatThrownBy(() -> new GaussianityStudy(run, (way, fraction) -> {}).report())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("expected at least 3 models with and without an image, got 4 models");
  }
}
