package io.sagitta.attack.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The study of estimators on procedural data, in this process. */
class EstimatorsCommandTest {
  @TempDir static Path shared;
  private static Path out;
  private static Cli study;

  @BeforeAll
  static void studyOnce() {
    out = shared.resolve("made/out");
    study = run("--n", "4,32", "--h", "1e-3,1e-6", "--out", out.toString());
    assertThat(study.status()).as(study.text()).isZero();
  }

  private static Cli run(String... more) {
    String[] first = {
      "experiment", "estimators", "--device", "host", "--width", "4", "--train-samples", "96",
      "--epochs", "2", "--samples", "12"
    };
    String[] all = new String[first.length + more.length];
    System.arraycopy(first, 0, all, 0, first.length);
    System.arraycopy(more, 0, all, first.length, more.length);
    return Cli.run(all);
  }

  private static Map<String, JsonNode> rows() throws IOException {
    JsonNode json = new ObjectMapper().readTree(out.resolve("estimators.json").toFile());
    assertThat(json.get("samples").asInt()).isEqualTo(12);
    Map<String, JsonNode> rows = new TreeMap<>();
    json.get("rows").forEach(row -> rows.put(row.get("evaluation").asText(), row));
    return rows;
  }

  @Test
  void moreTrialsAreCloserToTheExactValue() throws IOException {
    Map<String, JsonNode> rows = rows();
    assertThat(rows).hasSize(2 + 2 * (2 + 2 * 3));
    assertThat(error(rows, "exact")).isLessThan(1e-4);
    // 32 products are more than the nine that span a Hessian of ten classes.
    assertThat(error(rows, "hutch++, n = 32")).isLessThan(1e-4);
    assertThat(error(rows, "hutchinson, n = 4")).isGreaterThan(1e-2);
    for (String estimator :
        List.of(
            "hutchinson", "zo-trace, h = 1.0E-6", "zo, h = 1.0E-6",
            "gradient-norm, h = 0.001")) {
      double few = error(rows, estimator + ", n = 4");
      double many = error(rows, estimator + ", n = 32");
      assertThat(many).as(estimator).isLessThan(few);
      assertThat(error(rows, estimator + ", n = 32")).as(estimator).isLessThan(0.5);
    }
  }

  /** What lies between pieces of the network is seen with a great step, and not with a small one. */
  @Test
  void aSmallStepIsCloser() throws IOException {
    Map<String, JsonNode> rows = rows();
    assertThat(error(rows, "zo-trace, h = 1.0E-6, n = 32"))
        .isLessThan(error(rows, "zo-trace, h = 0.001, n = 32") / 2);
  }

  private static double error(Map<String, JsonNode> rows, String name) {
    return rows.get(name).get("median_relative_error").asDouble();
  }

  @Test
  void tableFilesAndPictureSayTheSame() throws IOException {
    assertThat(study.out())
        .contains("exact, float64", "hutch++, n = 32", "hutch++, n = 32 comes closest")
        .contains("Report: " + out.resolve("estimators.html"));
    List<String> lines = Files.readAllLines(out.resolve("estimators.csv"));
    assertThat(lines).hasSize(1 + rows().size());
    assertThat(lines.get(0)).endsWith(",samples_per_second,h,n,factor");
    assertThat(lines.get(1)).startsWith("\"exact, float64\",,,,");
    String html = Files.readString(out.resolve("estimators.html"));
    rows().keySet().forEach(name -> assertThat(html).contains("<td>" + name.replace("=", "&#x3D;") + "</td>"));
    assertThat(html).contains("Along a line the trials grow").doesNotContain("{{");
    assertThat(Files.readString(out.resolve("estimators.svg"))).startsWith("<?xml");
  }

  @Test
  void wrongUseIsExplained() {
    Path nowhere = shared.resolve("nowhere");
    Cli few = run("--n", "4,3", "--out", nowhere.toString());
    assertThat(few.status()).isEqualTo(2);
    assertThat(few.err()).contains("--n: expected at least 4, got 3").doesNotContain("\tat ");
    assertThat(nowhere).doesNotExist();
    Cli help = Cli.run("experiment", "estimators", "--help");
    assertThat(help.out()).contains("Usage: sagitta experiment estimators", "Examples:");
    assertThat(help.out().lines()).allSatisfy(line -> assertThat(line).hasSizeLessThan(101));
  }
}
