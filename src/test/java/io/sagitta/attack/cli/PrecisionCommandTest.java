package io.sagitta.attack.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sagitta.nn.io.Safetensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The study of precision on procedural data, in this process. */
class PrecisionCommandTest {
  private static final String[] STUDY = {
    "experiment", "precision", "--device", "host", "--n", "2"
  };

  @TempDir static Path shared;
  private static Path out;
  private static Cli study;

  @TempDir Path folder;

  @BeforeAll
  static void studyOnce() {
    out = shared.resolve("made/out");
    study =
        run(
            "--width", "4", "--train-samples", "96", "--epochs", "2", "--samples", "24", "--out",
            out.toString());
    assertThat(study.status()).as(study.text()).isZero();
  }

  private static Cli run(String... more) {
    String[] all = new String[STUDY.length + more.length];
    System.arraycopy(STUDY, 0, all, 0, STUDY.length);
    System.arraycopy(more, 0, all, STUDY.length, more.length);
    return Cli.run(all);
  }

  @Test
  void streamsAreCloserToFloat64ThanPlainQueries() throws IOException {
    JsonNode json = new ObjectMapper().readTree(out.resolve("precision.json").toFile());
    assertThat(json.get("samples").asInt()).isEqualTo(24);
    assertThat(json.get("setup").get("Network").asText()).contains("resnet8, width 4, 10 classes");
    Map<String, JsonNode> rows = new TreeMap<>();
    json.get("rows").forEach(row -> rows.put(row.get("evaluation").asText(), row));
    assertThat(rows).containsKeys("float64", "plain-fp32", "streams-fp32");
    double plain = rows.get("plain-fp32").get("median_relative_error").asDouble();
    double streams = rows.get("streams-fp32").get("median_relative_error").asDouble();
    assertThat(streams).isLessThan(5e-4).isLessThan(plain / 5);
    assertThat(rows.get("streams-fp32").get("log_correlation").asDouble()).isGreaterThan(0.999);
    if (rows.containsKey("streams-bf16")) {
      assertThat(rows.get("streams-bf16").get("median_relative_error").asDouble())
          .isLessThan(2e-2);
      assertThat(rows.get("plain-bf16").get("median_relative_error").asDouble())
          .isGreaterThan(plain);
      assertThat(rows.get("streams-fp32-over-bf16").get("median_relative_error").asDouble())
          .isGreaterThan(10 * streams);
    }
    assertThat(rows.values())
        .allSatisfy(row -> assertThat(row.get("samples_per_second").asDouble()).isPositive());
  }

  @Test
  void tableFilesAndPictureSayTheSame() throws IOException {
    assertThat(study.out())
        .contains("Median relative error", "float64", "plain-fp32", "streams-fp32")
        .contains("Report: " + out.resolve("precision.html"));
    JsonNode rows = new ObjectMapper().readTree(out.resolve("precision.json").toFile()).get("rows");
    List<String> lines = Files.readAllLines(out.resolve("precision.csv"));
    assertThat(lines).hasSize(1 + rows.size());
    String html = Files.readString(out.resolve("precision.html"));
    for (int i = 0; i < rows.size(); i++) {
      String name = rows.get(i).get("evaluation").asText();
      JsonNode error = rows.get(i).path("median_relative_error");
      assertThat(lines.get(i + 1)).startsWith(name + "," + error.asText(""));
      assertThat(html).contains("<td>" + name + "</td>");
    }
    assertThat(html).contains("<svg", "@media (prefers-color-scheme:dark)").doesNotContain("{{");
    assertThat(Files.readString(out.resolve("precision.svg"))).startsWith("<?xml");
    assertThat(Safetensors.read(out.resolve("model.safetensors")).metadata())
        .containsEntry("epochs", "2");
  }

  @Test
  void severalModelsCountTogether() throws IOException {
    String weights = out.resolve("model.safetensors").toString();
    Path both = folder.resolve("both");
    Cli cli = run("--weights", weights + "," + weights, "--samples", "24", "--out", both.toString());
    assertThat(cli.status()).as(cli.text()).isZero();
    JsonNode two = new ObjectMapper().readTree(both.resolve("precision.json").toFile());
    JsonNode one = new ObjectMapper().readTree(out.resolve("precision.json").toFile());
    assertThat(two.get("samples").asInt()).isEqualTo(48);
    assertThat(two.get("rows").get(1).get("median_relative_error"))
        .as("the same model twice")
        .isEqualTo(one.get("rows").get(1).get("median_relative_error"));
    assertThat(both).isDirectoryNotContaining("glob:**model.safetensors");
  }

  @Test
  void wrongUseIsExplained() {
    String nowhere = folder.resolve("nowhere").toString();
    check(2, "--samples: expected 1 to 5000", run("--samples", "5001", "--out", nowhere));
    check(2, "--h: expected above 0, got -1.0", run("--h", "-1", "--out", nowhere));
    check(2, "expected a path", run("--dataset", "cifar10", "--out", nowhere));
    String weights = out.resolve("model.safetensors").toString();
    check(
        2, "--width: expected 4, which " + weights + " says, got 8",
        run("--weights", weights, "--width", "8", "--out", nowhere));
    check(3, "none.safetensors", run("--weights", "none.safetensors", "--out", nowhere));
    assertThat(Cli.run("experiment").status()).isEqualTo(2);
    assertThat(folder.resolve("nowhere")).as("nothing is made").doesNotExist();
    Cli help = Cli.run("experiment", "precision", "--help");
    assertThat(help.out())
        .contains("Usage: sagitta experiment precision", "Examples:", "Exit codes:");
    assertThat(help.out().lines()).allSatisfy(line -> assertThat(line).hasSizeLessThan(101));
  }

  private static void check(int status, String message, Cli cli) {
    assertThat(cli.status()).as(cli.text()).isEqualTo(status);
    assertThat(cli.err()).contains(message).doesNotContain("\tat ");
  }
}
