package io.sagitta.attack.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sagitta.attack.run.TinyCifar;
import io.sagitta.nn.io.Safetensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The experiments on a small run, and on procedural data, in this process. */
class ExperimentsTest {
  private static final int SAMPLES = 40;

  @TempDir static Path shared;
  private static Path data;
  private static Path large;
  private static Path run;

  @TempDir Path folder;

  @BeforeAll
  static void auditOnce() {
    data = TinyCifar.write(shared.resolve("data"), SAMPLES / 5);
    large = TinyCifar.write(shared.resolve("large"), 2 * SAMPLES / 5);
    run = shared.resolve("run");
    List<String> options =
        new ArrayList<>(List.of(TinyCifar.options(data, "audit", "--out", run.toString())));
    options.set(options.indexOf("--shadows") + 1, "6");
    Cli audit = Cli.run(options.toArray(String[]::new));
    assertThat(audit.status()).as(audit.text()).isZero();
  }

  private static Cli experiment(String... arguments) {
    List<String> all = new ArrayList<>(List.of("experiment"));
    all.addAll(Arrays.asList(arguments));
    Cli cli = Cli.run(all.toArray(String[]::new));
    assertThat(cli.status()).as(cli.text()).isZero();
    return cli;
  }

  /** The study's JSON; its page, table and pictures are checked to be there. */
  private static JsonNode written(Path out, String name, Cli cli) throws IOException {
    JsonNode json = new ObjectMapper().readTree(out.resolve(name + ".json").toFile());
    String html = Files.readString(out.resolve(name + ".html"));
    assertThat(html).contains("<svg").doesNotContain("{{");
    assertThat(Files.readAllLines(out.resolve(name + ".csv"))).hasSize(1 + json.get("rows").size());
    assertThat(out.resolve(name + ".png")).isNotEmptyFile();
    assertThat(out.resolve(name + ".svg")).isNotEmptyFile();
    assertThat(json.get("found")).isNotEmpty();
    json.get("found").forEach(paragraph -> assertThat(cli.out()).contains(paragraph.asText()));
    assertThat(cli.out()).contains("Report: " + out.resolve(name + ".html"));
    return json;
  }

  @Test
  void membersLookAtEveryModel() throws IOException {
    Cli cli = experiment("members", run.toString());
    JsonNode json = written(run.resolve("studies/members"), "members", cli);
    assertThat(json.get("rows")).hasSize(4);
    assertThat(json.get("models")).hasSize(4 * 7);
    assertThat(json.get("setup").get("Network").asText()).contains("resnet8, width 4");
    JsonNode row = json.get("models").get(0);
    double[] scores = Safetensors.read(run.resolve("scores/0000.safetensors")).entry("curv_zo")
        .doubles();
    byte[] members = Safetensors.read(run.resolve("masks.safetensors")).entry("members").bytes();
    double below = 0;
    int pairs = 0;
    for (int in = 0; in < SAMPLES; in++) {
      for (int other = 0; other < SAMPLES; other++) {
        if (members[in] == 1 && members[other] == 0) {
          below += scores[in] < scores[other] ? 1 : scores[in] == scores[other] ? 0.5 : 0;
          pairs++;
        }
      }
    }
    assertThat(row.get("lower").asDouble()).isEqualTo(below / pairs, within(1e-12));
  }

  @Test
  void gaussianityAndShadowsReadTheSameScores() throws IOException {
    Path out = folder.resolve("out");
    Cli cli = experiment("gaussianity", run.toString(), "--out", out.toString());
    JsonNode gaussianity = written(out, "gaussianity", cli);
    gaussianity.get("rows").forEach(
        row -> assertThat(row.get("values_least").asInt()).isGreaterThanOrEqualTo(3));
    cli =
        experiment(
            "shadows", run.toString(), "--out", out.toString(), "--subsets", "2", "--attacks",
            "curv-zo-lr,yeom");
    JsonNode shadows = written(out, "shadows", cli);
    assertThat(shadows.get("rows")).extracting(row -> row.get("shadows").asInt())
        .containsExactly(2, 4, 6, 2, 4, 6);
    assertThat(shadows.get("evaluations")).hasSize(2 * (2 + 2 + 1));
    assertThat(shadows.get("evaluations").get(0).get("target").asInt()).isEqualTo(6);
  }

  @Test
  void perturbationScoresAnewAndGoesOnWhereItStopped() throws IOException {
    Path out = folder.resolve("out");
    String[] asked = {
      "perturbation", run.toString(), "--h", "1e-3,1e-1", "--n", "1,2", "--samples", "30",
      "--device", "host", "--out", out.toString()
    };
    Cli cli = experiment(asked);
    JsonNode json = written(out, "perturbation", cli);
    assertThat(json.get("samples").asInt()).isEqualTo(30);
    Set<String> settings = new TreeSet<>();
    json.get("rows").forEach(row -> settings.add(row.get("h") + " " + row.get("n")));
    assertThat(settings).containsExactlyInAnyOrder("0.001 1", "0.001 2", "0.1 1", "0.1 2");
    Safetensors.File same = Safetensors.read(out.resolve("scores/h0.001-n2/0003.safetensors"));
    double[] own = Safetensors.read(run.resolve("scores/0003.safetensors")).entry("curv_zo")
        .doubles();
    assertThat(Arrays.copyOf(same.entry("curv_zo").doubles(), 30))
        .as("the run's own setting gives the run's own scores")
        .containsExactly(Arrays.copyOf(own, 30));
    Path lost = out.resolve("scores/h0.1-n1/0002.safetensors");
    FileTime kept = Files.getLastModifiedTime(out.resolve("scores/h0.1-n1/0001.safetensors"));
    byte[] before = Files.readAllBytes(lost);
    Files.delete(lost);
    experiment(asked);
    assertThat(Files.readAllBytes(lost)).isEqualTo(before);
    assertThat(Files.getLastModifiedTime(out.resolve("scores/h0.1-n1/0001.safetensors")))
        .isEqualTo(kept);
    assertThat(run.resolve("scores")).isDirectoryNotContaining("glob:**h0*");
  }

  @Test
  void epsilonReadsTheRun() throws IOException {
    Path out = folder.resolve("out");
    Cli cli = experiment("epsilon", "--point", "inf:" + run, "--out", out.toString());
    JsonNode json = written(out, "epsilon", cli);
    JsonNode attack = new ObjectMapper().readTree(run.resolve("attack.json").toFile());
    JsonNode point = json.get("points").get(0);
    assertThat(point.get("epsilon").isNull()).isTrue();
    for (JsonNode summary : attack.get("summary")) {
      if (summary.get("attack").equals(point.get("attack"))
          && summary.get("mode").asText().equals("corrected")) {
        assertThat(point.get("auroc")).isEqualTo(summary.get("auroc").get("mean"));
      }
    }
  }

  @Test
  void sizeTrainsWhatItNeedsAndGoesOn() throws IOException {
    Path out = folder.resolve("out");
    String[] asked = {
      "size", "--dataset", "cifar10", "--data", large.toString(), "--sizes", "40,20",
      "--subsets", "random,memorised",
      "--width", "2", "--epochs", "1", "--batch", "16", "--shadows", "2", "--targets", "1", "--n",
      "1", "--views", "1", "--seed", "3", "--device", "host", "--out", out.toString()
    };
    Cli cli = experiment(asked);
    JsonNode json = written(out, "size", cli);
    assertThat(json.get("found")).hasSize(2);
    assertThat(json.get("setup").get("Sizes").asText()).isEqualTo("[20, 40]");
    Set<Long> small = records(out.resolve("random-20"));
    assertThat(small).hasSize(40);
    assertThat(records(out.resolve("random-40"))).hasSize(80).containsAll(small);
    assertThat(records(out.resolve("memorised-40"))).isEqualTo(records(out.resolve("random-40")));
    assertThat(records(out.resolve("memorised-20"))).isNotEqualTo(small);
    Path model = out.resolve("random-20/models/0001.safetensors");
    FileTime before = Files.getLastModifiedTime(model);
    Cli again = experiment(asked);
    assertThat(Files.getLastModifiedTime(model)).isEqualTo(before);
    assertThat(again.out()).isEqualTo(cli.out());
    Cli other = Cli.run(Stream.concat(Stream.of("experiment"), Stream.of(asked))
        .map(word -> word.equals("3") ? "4" : word).toArray(String[]::new));
    assertThat(other.status()).isEqualTo(4);
    assertThat(other.err()).contains("made with another configuration", "seed: 3 in the folder");
  }

  private static Set<Long> records(Path runFolder) {
    Set<Long> records = new TreeSet<>();
    for (long record
        : Safetensors.read(runFolder.resolve("pool.safetensors")).entry("records").longs()) {
      records.add(record);
    }
    return records;
  }

  @Test
  void costCountsForwardPasses() throws IOException {
    Path out = folder.resolve("out");
    Cli cli =
        experiment(
            "cost", "--dataset", "cifar10", "--data", data.toString(), "--widths", "2,4",
            "--estimators", "zo,hutchinson", "--n", "4", "--samples",
            "6", "--train-samples", "40", "--epochs", "1", "--device", "host", "--out",
            out.toString());
    JsonNode json = written(out, "cost", cli);
    assertThat(json.get("rows")).hasSize(2 * 5);
    for (JsonNode row : json.get("rows")) {
      boolean forward = row.get("evaluation").asText().equals("forward");
      assertThat(row.get("forward_passes").asDouble() == 1).isEqualTo(forward);
      assertThat(row.get("parameters").asInt()).isPositive();
    }
    assertThat(out.resolve("width-4.safetensors")).isNotEmptyFile();
  }

  @Test
  void estimatorApproachesTheExactNorm() throws IOException {
    Path out = folder.resolve("out");
    Cli cli =
        experiment(
            "estimator", "--dataset", "cifar10", "--data", large.toString(), "--width", "4",
            "--train-samples", "80", "--epochs", "3", "--samples", "8", "--h", "1e-1,1e-6", "--n",
            "4,64", "--device", "host", "--out", out.toString());
    JsonNode json = written(out, "estimator", cli);
    JsonNode close = row(json, "zo, h = 1.0E-6, n = 64");
    assertThat(close.get("median_relative_error").asDouble())
        .isLessThan(row(json, "zo, h = 1.0E-6, n = 4").get("median_relative_error").asDouble())
        .isLessThan(row(json, "zo, h = 0.1, n = 64").get("median_relative_error").asDouble());
    // |vᵀHu| of random signs averages between 2/π and √(2/π) times the Frobenius norm.
    assertThat(1e-6 * close.get("factor").asDouble()).isBetween(1.1, 1.7);
    assertThat(out.resolve("estimator-correlation.svg")).isNotEmptyFile();
  }

  private static JsonNode row(JsonNode json, String evaluation) {
    for (JsonNode row : json.get("rows")) {
      if (row.get("evaluation").asText().equals(evaluation)) {
        return row;
      }
    }
    throw new AssertionError("no row " + evaluation + " in " + json.get("rows"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "members", "gaussianity", "shadows", "perturbation", "size", "epsilon", "cost", "estimator",
        "estimators", "precision"
      })
  void everyExperimentExplainsItself(String name) {
    Cli help = Cli.run("experiment", name, "--help");
    assertThat(help.status()).isZero();
    assertThat(help.out())
        .contains("Usage: sagitta experiment " + name, "Examples:", "sagitta experiment " + name)
        .contains("--out=DIR", "Exit codes:");
    assertThat(help.out().lines()).allSatisfy(line -> assertThat(line).hasSizeLessThan(101));
  }

  @Test
  void wrongUseIsExplained() {
    String nowhere = folder.resolve("nowhere").toString();
    check(4, "expected a run folder", "members", nowhere);
    check(4, "expected a run folder", "gaussianity", nowhere);
    check(2, "expected one of curv-zo", "shadows", run.toString(), "--attacks", "none");
    check(2, "--samples: expected at least 1, got 0", "perturbation", run.toString(), "--samples",
        "0");
    check(2, "--h: expected above 0, got 0.0", "perturbation", run.toString(), "--h", "0");
    check(2, "--point: expected EPS:RUN", "epsilon", "--point", nowhere, "--out", nowhere);
    check(2, "sigma: expected above 0, got -1.0", "epsilon", "--sigma", "-1", "--out", nowhere);
    check(2, "--dataset: expected", "size", "--out", nowhere);
    check(2, "--sizes: expected 20 to 2500", "size", "--dataset", "synthetic", "--sizes", "2501",
        "--out", nowhere);
    check(2, "--widths: expected at least 1", "cost", "--widths", "0", "--out", nowhere);
    check(2, "estimator: expected one of", "cost", "--estimators", "all", "--out", nowhere);
    check(2, "--n: expected at least 4, got 3", "estimator", "--n", "3", "--out", nowhere);
    assertThat(folder.resolve("nowhere")).as("nothing is made").doesNotExist();
  }

  private static void check(int status, String message, String... arguments) {
    Cli cli =
        Cli.run(
            Stream.concat(Stream.of("experiment"), Arrays.stream(arguments))
                .toArray(String[]::new));
    assertThat(cli.status()).as(cli.text()).isEqualTo(status);
    assertThat(cli.err()).contains(message).doesNotContain("\tat ");
  }
}
