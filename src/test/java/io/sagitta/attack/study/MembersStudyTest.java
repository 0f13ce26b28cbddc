package io.sagitta.attack.study;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import io.sagitta.attack.run.ScoreSet;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.commons.math3.distribution.NormalDistribution;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MembersStudyTest {
  @TempDir Path folder;

  /** Hardness and noise together have variance 5, so a shift d shows with Φ(d/√10). */
  @Test
  void aKnownShiftIsFound() throws Exception {
    StudiedRun run = KnownScores.run(1, 8, 2, 4000, 2, 0, KnownScores.GAUSSIAN);
    Written written = Written.of(MembersStudy.report(run), folder);
    JsonNode curvature = written.rows("signal", "curv_zo").get(0);
    double expected = new NormalDistribution().cumulativeProbability(2 / Math.sqrt(10));
    assertThat(curvature.get("lower").asDouble()).isEqualTo(expected, within(0.01));
    assertThat(curvature.get("effect").asDouble())
        .isEqualTo(2 * curvature.get("lower").asDouble() - 1, within(1e-12));
    assertThat(curvature.get("median_ratio").asDouble()).isEqualTo(Math.exp(2), within(0.8));
    assertThat(curvature.get("models").asInt()).isEqualTo(8);
    assertThat(written.found())
        .contains("Members lie lower in zero-order curvature: below non-members in 8 of 8 models")
        .contains("with p below 0.001 in 8")
        .contains("Members do not lie lower in loss")
        .contains("of 4,000 images");
    List<String> models = Files.readAllLines(folder.resolve("members-models.csv"));
    assertThat(models).hasSize(1 + 2 * 8);
    assertThat(models.get(1)).startsWith("curv_zo,identity,0,shadow,");
    assertThat(models.get(8)).startsWith("curv_zo,identity,7,target,");
    assertThat(written.html()).contains("by &lt;law&gt;").contains("<svg").doesNotContain("{{");
    assertThat(folder.resolve("members.png")).isNotEmptyFile();
  }

  /** An image's own comparison leaves hardness out: Φ(2/√(1/4 + 1/4)) of images lie lower. */
  @Test
  void theSameImageShowsMore() {
    StudiedRun run = KnownScores.run(2, 8, 2, 4000, 1, 0, KnownScores.GAUSSIAN);
    double expected = new NormalDistribution().cumulativeProbability(1 / Math.sqrt(0.5));
    String found = MembersStudy.report(run).findings().get(0);
    String share = found.replaceAll(".*under models that had it for ([0-9.]+) %.*", "$1");
    assertThat(Double.parseDouble(share) / 100).isEqualTo(expected, within(0.02));
  }

  @Test
  void aRunWithoutScoresIsRefused() {
    ScoreSet none = new ScoreSet(new boolean[2][3], new long[3], List.of("identity"));
    assertThatThrownBy(
            () -> MembersStudy.report(new StudiedRun(none, new int[] {1}, Map.of())))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("expected scores of curvature or loss, got none");
  }
}
