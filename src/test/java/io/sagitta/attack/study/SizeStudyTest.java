package io.sagitta.attack.study;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.sagitta.attack.run.ScoreSet;
import io.sagitta.attack.run.Signal;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SizeStudyTest {
  @TempDir Path folder;

  private static StudiedRun run(double curvatureShift, double logitShift) {
    return KnownScores.run(6, 10, 2, 500, curvatureShift, logitShift, KnownScores.GAUSSIAN);
  }

  @Test
  void aCrossingIsFoundWhereItIs() {
    SizeStudy study = new SizeStudy();
    study.add("random", 100, run(0.5, 2));
    study.add("random", 200, run(1, 2));
    study.add("random", 400, run(3, 1));
    study.add("random", 800, run(3, 0.5));
    Written written = Written.of(study.report(Map.of("Data", "known")), folder);
    assertThat(written.found())
        .contains("On random subsets Curv ZO LR goes from")
        .contains("It overtakes between m = 200 and 400 (there it is")
        .contains("points ahead of");
    List<JsonNode> curvature = written.rows("attack", "curv-zo-lr");
    assertThat(curvature).extracting(row -> row.get("size").asInt())
        .containsExactly(100, 200, 400, 800);
    JsonNode leads = written.json().get("leads_random");
    for (JsonNode lead : leads) {
      if (lead.get("attack").asText().equals("lira")) {
        assertThat(lead.get("lead").asDouble() > 0).isEqualTo(lead.get("size").asInt() >= 400);
      }
    }
  }

  @Test
  void whereThereIsNoneItIsSaid() {
    SizeStudy never = new SizeStudy();
    never.add("random", 100, run(0.2, 2));
    never.add("random", 200, run(0.2, 1));
    assertThat(never.report(Map.of()).findings().get(0))
        .contains("ahead of all others at no size: there is no crossing")
        .contains("nearest at m = 200");
    SizeStudy always = new SizeStudy();
    always.add("random", 100, run(3, 0.2));
    always.add("memorised", 100, run(2, 0.2));
    List<String> findings = always.report(Map.of()).findings();
    assertThat(findings).hasSize(2).allSatisfy(
        text -> assertThat(text).contains("at every size: there is no crossing"));
    assertThat(findings.get(1)).startsWith("On memorised subsets");
  }

  @Test
  void sizesAreThePapersScaled() {
    assertThat(Subsets.sizes(List.of(), 0.01, 1000))
        .containsExactly(30, 70, 100, 120, 150, 180, 200, 250, 300, 350, 450);
    assertThat(Subsets.sizes(List.of(), 1, 50_000)).endsWith(20_000, 25_000);
    assertThat(Subsets.sizes(List.of(40, 20, 40), 0.05, 100)).containsExactly(20, 40);
    assertThatThrownBy(() -> Subsets.sizes(List.of(51), 0.05, 100))
        .hasMessageContaining("--sizes: expected 20 to 50, half of the 100 images there");
    assertThatThrownBy(() -> Subsets.sizes(List.of(), 0.0001, 100))
        .hasMessageContaining("--scale: expected one that leaves a size");
    assertThatThrownBy(() -> Subsets.sizes(List.of(), 2, 100)).hasMessageContaining("got 2.0");
    assertThatThrownBy(() -> Subsets.of("first"))
        .hasMessageContaining("expected one of random, memorised, got 'first'");
  }

  @Test
  void randomOrdersArePermutationsOfTheSeed() {
    int[] order = Subsets.random(3, 50);
    assertThat(Arrays.stream(order).sorted().toArray()).containsExactly(range(50));
    assertThat(Subsets.random(3, 50)).containsExactly(order);
    assertThat(Subsets.random(4, 50)).isNotEqualTo(order);
  }

  private static int[] range(int end) {
    return IntStream.range(0, end).toArray();
  }

  /** Curvatures under models that had the image decide, not those under others. */
  @Test
  void memorisedImagesAreThoseOfGreatCurvatureUnderTheirOwnModels() {
    boolean[][] members = {{true, true, false}, {false, true, true}};
    ScoreSet scores = new ScoreSet(members, new long[3], List.of("identity"));
    scores.put(Signal.CURV_ZO, 0, new double[] {5, 1, 1000});
    scores.put(Signal.CURV_ZO, 1, new double[] {1000, 9, 2});
    StudiedRun run = new StudiedRun(scores, new int[] {1}, Map.of());
    // Geometric means: 5, 3, 2.
    assertThat(Subsets.byCurvature(new int[] {70, 80, 90}, run)).containsExactly(70, 80, 90);
    scores.put(Signal.CURV_ZO, 1, new double[] {1000, 36, 7});
    assertThat(Subsets.byCurvature(new int[] {70, 80, 90}, run)).containsExactly(90, 80, 70);
  }
}
