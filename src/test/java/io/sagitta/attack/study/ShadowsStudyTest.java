package io.sagitta.attack.study;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import io.sagitta.attack.methods.AttackRun;
import io.sagitta.attack.methods.AttackSummary;
import io.sagitta.attack.methods.Mode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ShadowsStudyTest {
  private static final StudiedRun RUN =
      KnownScores.run(4, 14, 2, 600, 1, 2, KnownScores.GAUSSIAN);

  @TempDir Path folder;

  private static ShadowsStudy study(StudiedRun run, int subsets, long seed) {
    return new ShadowsStudy(
        run, Evaluations.attacks(List.of("lira", "yeom")), subsets, seed, (way, fraction) -> {});
  }

  private Map<Integer, Double> lira(Written written) {
    return written.rows("attack", "lira").stream()
        .collect(
            Collectors.toMap(
                row -> row.get("shadows").asInt(), row -> row.get("auroc").asDouble()));
  }

  @Test
  void allShadowsAreTheRunItselfAndMoreAreBetter() throws Exception {
    Written written = Written.of(study(RUN, 3, 0).report(), folder);
    Map<Integer, Double> lira = lira(written);
    assertThat(lira).containsOnlyKeys(2, 4, 8, 12);
    AttackSummary whole =
        AttackRun.evaluate(RUN.scores(), RUN.targets(), EnumSet.of(Mode.CORRECTED))
            .summaries()
            .stream()
            .filter(s -> s.attack().id().equals("lira"))
            .findFirst()
            .orElseThrow();
    assertThat(lira.get(12)).isEqualTo(whole.figures().get("auroc").mean(), within(1e-12));
    assertThat(lira.get(12)).isGreaterThan(lira.get(2) + 0.02);
    List<JsonNode> yeom = written.rows("attack", "yeom");
    assertThat(yeom).allSatisfy(
        row -> assertThat(row.get("auroc").asDouble())
            .as("uses no shadows")
            .isEqualTo(yeom.get(0).get("auroc").asDouble(), within(1e-12)));
    assertThat(Files.readAllLines(folder.resolve("shadows-evaluations.csv")))
        .hasSize(1 + 2 * 2 * (3 * 3 + 1));
    assertThat(written.found()).contains("With 12 shadows, LiRA leads at");
  }

  @Test
  void choicesHangOnTheSeed() {
    Map<Integer, Double> first = lira(Written.of(study(RUN, 2, 1).report(), folder));
    assertThat(lira(Written.of(study(RUN, 2, 1).report(), folder))).isEqualTo(first);
    Map<Integer, Double> other = lira(Written.of(study(RUN, 2, 2).report(), folder));
    assertThat(other.get(12)).isEqualTo(first.get(12));
    assertThat(other.get(2)).isNotEqualTo(first.get(2));
  }

  @Test
  void withoutAPairThereIsNothingToChoose() {
    StudiedRun odd =
        new StudiedRun(RUN.scores().select(new int[] {1, 12}), new int[] {1}, Map.of());
    assertThatThrownBy(() -> study(odd, 1, 0).report())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("expected a pair of shadow models with scores");
    assertThatThrownBy(() -> study(RUN, 0, 0)).hasMessageContaining("at least 1 subset, got 0");
  }
}
