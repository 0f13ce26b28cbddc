package io.sagitta.attack.study;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import io.sagitta.attack.theory.CurvatureKl;
import io.sagitta.attack.theory.EpsilonFit;
import io.sagitta.attack.theory.PureDp;
import io.sagitta.nn.io.BadFileException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EpsilonStudyTest {
  private static final CurvatureKl THEOREM = new CurvatureKl(1, 100, 0, 50);

  @TempDir Path folder;

  /** A run folder with figures of curvature as given, and of one attack that is not drawn. */
  private String point(String epsilon, double auroc) throws IOException {
    Path run = Files.createDirectories(folder.resolve("run-" + epsilon));
    Files.writeString(
        run.resolve("attack.json"),
        String.format(
            Locale.ROOT,
            """
            {"summary": [
              {"attack": "curv-zo-lr", "mode": "paper", "auroc": {"mean": 0.99, "std": null}},
              {"attack": "curv-zo-lr", "mode": "corrected", "auroc": {"mean": %s, "std": 0.01}},
              {"attack": "lira", "mode": "corrected", "auroc": {"mean": 0.51, "std": null}}]}
            """,
            auroc));
    return epsilon + ":" + run;
  }

  @Test
  void withoutModelsItIsTheoryAlone() {
    Written written = Written.of(new EpsilonStudy(THEOREM, 0, List.of()).report(Map.of()), folder);
    assertThat(written.found()).contains("No private models were given: all here is theory");
    JsonNode one = written.rows("epsilon", "1.0").get(0);
    assertThat(one.get("auroc").asDouble()).isEqualTo(PureDp.auroc(1), within(1e-15));
    assertThat(one.get("crossing").asDouble()).isEqualTo(THEOREM.crossing(1));
    assertThat(written.json().get("points")).isEmpty();
    assertThat(written.html()).contains("reconstructed", "Theorem 4.2").doesNotContain("Measured");
  }

  @Test
  void pointsAreFittedAndHeldAgainstTheBound() throws IOException {
    EpsilonFit law = new EpsilonFit(0.05, 2.2, 0);
    List<MeasuredRun> runs =
        List.of(
            MeasuredRun.read(point("4", law.at(4))), MeasuredRun.read(point("1", law.at(1))),
            MeasuredRun.read(point("2", law.at(2))), MeasuredRun.read(point("inf", 0.9)));
    Written written = Written.of(new EpsilonStudy(THEOREM, 0, runs).report(Map.of()), folder);
    assertThat(written.found())
        .contains("Of 4 runs, every attack stays below the bound")
        .contains("The paper's curve through curv-zo-lr: A = 0.0500, B = 2.20");
    JsonNode points = written.json().get("points");
    assertThat(points).hasSize(8);
    assertThat(points.get(0).get("epsilon").asDouble()).isEqualTo(1);
    assertThat(points.get(0).get("auroc").asDouble()).isEqualTo(law.at(1), within(1e-9));
    assertThat(points.get(7).get("epsilon").isNull()).as("no privacy").isTrue();
    assertThat(written.html()).contains("<td>∞</td>").doesNotContain("Infinity");
  }

  /** With δ above 0 no bound on a divergence follows from ε. */
  @Test
  void whatDeltaDoesToTheBoundsIsSaid() {
    Written pure = Written.of(new EpsilonStudy(THEOREM, 0, List.of()).report(Map.of()), folder);
    assertThat(pure.html()).doesNotContain("under pure ε alone");
    Written approximate =
        Written.of(new EpsilonStudy(THEOREM, 1e-5, List.of()).report(Map.of()), folder);
    assertThat(approximate.html())
        .contains("upper bounds on every attack, those by KL under pure ε alone.")
        .contains("Only the first bound on AUROC allows for δ &#x3D; 1.0E-5.");
  }

  @Test
  void aPointAboveTheBoundIsSaid() throws IOException {
    List<MeasuredRun> runs = List.of(MeasuredRun.read(point("0.1", 0.6)));
    assertThat(new EpsilonStudy(THEOREM, 0, runs).report(Map.of()).findings().get(1))
        .contains("these lie above the bound: curv-zo-lr at ε = 0.1")
        .contains("chance had a hand");
    assertThat(new EpsilonStudy(THEOREM, 0.3, runs).report(Map.of()).findings().get(1))
        .as("with that δ it may")
        .contains("stays below");
  }

  @Test
  void wrongPointsAreNamed() throws IOException {
    for (String wrong : List.of("4", ":runs", "-1:runs", "x:runs", "4:")) {
      assertThatThrownBy(() -> MeasuredRun.read(wrong))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("--point: expected EPS:RUN")
          .hasMessageContaining("got '" + wrong + "'");
    }
    assertThatThrownBy(() -> MeasuredRun.read("1:" + folder.resolve("none")))
        .isInstanceOf(BadFileException.class)
        .hasMessageContaining("expected the figures that 'sagitta attack' leaves");
    Path other = Files.writeString(folder.resolve("other.json"), "{\"summary\": []}");
    assertThatThrownBy(() -> MeasuredRun.read("1:" + other))
        .isInstanceOf(BadFileException.class)
        .hasMessageContaining("expected a summary of corrected attacks, found none");
  }
}
