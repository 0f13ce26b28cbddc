package io.sagitta.attack.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sagitta.attack.run.TinyCifar;
import io.sagitta.nn.io.Safetensors;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A private run from shadows to the study of its ε, and one private model. */
class PrivateAuditTest {
  @TempDir static Path shared;
  private static Path data;
  private static Path run;
  private static Cli audit;

  @TempDir Path folder;

  @BeforeAll
  static void auditOnce() {
    data = TinyCifar.write(shared.resolve("data"), 8);
    run = shared.resolve("run");
    List<String> arguments =
        new ArrayList<>(List.of(TinyCifar.options(data, "audit", "--out", run.toString())));
    arguments.addAll(
        List.of(
            "--dp-epsilon", "8", "--dp-delta", "0.01", "--virtual-batch", "4", "--estimators",
            "zo,hutchinson"));
    audit = Cli.run(arguments.toArray(String[]::new));
    assertThat(audit.status()).as(audit.text()).isZero();
  }

  private static Map<String, String> metadata(String file) {
    return Safetensors.read(run.resolve(file)).metadata();
  }

  @Test
  void filesCarryThePromise() {
    for (String file : List.of("models/0004.safetensors", "scores/0004.safetensors")) {
      assertThat(metadata(file)).as(file).containsEntry("dp_delta", "0.01").containsKey("dp_noise");
      assertThat(Double.parseDouble(metadata(file).get("dp_epsilon"))).isBetween(7.9, 8.0);
    }
    assertThat(metadata("models/0004.safetensors"))
        .containsEntry("norm", "group")
        .containsEntry("optimizer", "rmsprop")
        .containsEntry("lr", "0.001");
  }

  @Test
  void theUserIsTold() {
    assertThat(audit.err())
        .contains(
            "Private training: epsilon 8", "delta 0.01",
            "Batch normalisation is replaced by group normalisation", "keep the seed secret");
  }

  @Test
  void theSameCommandGoesOnAndAnotherEpsilonConflicts() {
    Cli again = Cli.run("audit", "--out", run.toString(), "--dp-epsilon", "8");
    assertThat(again.status()).as(again.text()).isZero();
    assertThat(again.err()).contains("shadows: 0 models to do, 5 done");
    Cli other = Cli.run("audit", "--out", run.toString(), "--dp-epsilon", "4");
    assertThat(other.err()).contains("privacy: epsilon 8.0", "epsilon 4.0", "asked");
  }

  @Test
  void theStudyOfEpsilonReadsItFromTheFiles() throws IOException {
    Path out = folder.resolve("study");
    Cli cli = Cli.run("experiment", "epsilon", "--run", run.toString(), "--out", out.toString());
    assertThat(cli.status()).as(cli.text()).isZero();
    JsonNode json = new ObjectMapper().readTree(out.resolve("epsilon.json").toFile());
    assertThat(json.toString()).contains("\"Delta\":\"0.01\"");
    JsonNode point = json.get("points").get(0);
    assertThat(point.get("epsilon").asDouble()).isBetween(7.9, 8.0);
    assertThat(point.get("run").asText()).isEqualTo(run.toString());
  }

  @Test
  void theStudyOfEpsilonTrainsWhatItNeedsAndGoesOn() throws IOException {
    String out = folder.resolve("trained").toString();
    String[] command =
        TinyCifar.options(
            data, "experiment", "epsilon", "--epsilons", "8,inf", "--dp-delta", "0.01", "--out",
            out);
    Cli cli = Cli.run(command);
    assertThat(cli.status()).as(cli.text()).isZero();
    JsonNode json = new ObjectMapper().readTree(Path.of(out, "epsilon.json").toFile());
    assertThat(json.get("points").findValuesAsText("run"))
        .contains(Path.of(out, "epsilon-8.0").toString(), Path.of(out, "epsilon-inf").toString());
    assertThat(json.get("points").get(0).get("epsilon").asDouble()).isBetween(7.9, 8.0);
    assertThat(Safetensors.read(Path.of(out, "epsilon-inf/models/0000.safetensors")).metadata())
        .containsEntry("optimizer", "rmsprop")
        .doesNotContainKey("dp_epsilon");
    Cli again = Cli.run(command);
    assertThat(again.status()).as(again.text()).isZero();
    assertThat(again.err()).contains("shadows: 0 models to do, 5 done");
    Cli both =
        Cli.run(
            TinyCifar.options(
                data, "experiment", "epsilon", "--dp-epsilon", "1", "--out", out));
    assertThat(both.status()).isEqualTo(2);
    assertThat(both.err()).contains("--epsilons: expected it alone");
    Cli none =
        Cli.run(
            TinyCifar.options(data, "experiment", "epsilon", "--epsilons", "1,x", "--out", out));
    assertThat(none.status()).isEqualTo(2);
    assertThat(none.err()).contains("--epsilons: expected numbers above 0, or inf, got 'x'");
  }

  private Cli train(String... more) {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "train", "--dataset", "cifar10", "--data", data.toString(), "--width", "4",
                "--epochs", "2", "--batch", "10", "--out",
                folder.resolve("m.safetensors").toString()));
    arguments.addAll(Arrays.asList(more));
    return Cli.run(arguments.toArray(String[]::new));
  }

  /** What is published says neither of the seed nor of the samples more than ε allows. */
  @Test
  void oneModelIsTrainedScoredAndExported() {
    Cli trained = train("--dp-noise", "0.8", "--optimizer", "sgd", "--seed", "77");
    assertThat(trained.status()).as(trained.text()).isZero();
    Path weights = folder.resolve("m.safetensors");
    Map<String, String> metadata = Safetensors.read(weights).metadata();
    assertThat(metadata)
        .containsEntry("dp_noise", "0.8")
        .containsKey("dp_epsilon")
        .doesNotContainKeys("seed", "final_loss", "train_accuracy", "optimizer");
    Path scores = folder.resolve("s.safetensors");
    Cli scored =
        Cli.run(
            "score", "--weights", weights.toString(), "--arch", "resnet8", "--width", "4",
            "--classes", "10", "--dataset", "cifar10", "--data", data.toString(), "--first", "3",
            "--n", "1", "--out", scores.toString());
    assertThat(scored.status()).as(scored.text()).isZero();
    assertThat(Safetensors.read(scores).metadata())
        .containsEntry("dp_epsilon", metadata.get("dp_epsilon"))
        .containsEntry("dp_delta", "1.0E-5");
    Cli exported =
        Cli.run(
            "export", "--weights", weights.toString(), "--onnx",
            folder.resolve("m.onnx").toString());
    assertThat(exported.status()).as(exported.text()).isZero();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          --dp-epsilon 1e-4               | epsilon 1.0E-4 cannot be reached with delta 1.0E-5
          --dp-noise 20                   | batch: expected more images a step than the noise
          --dp-epsilon 1 --dp-noise 1     | --dp-epsilon: expected it or --dp-noise, got both
          --dp-clip 1                     | expected --dp-epsilon or --dp-noise with them, got neither
          --dp-epsilon 0                  | --dp-epsilon: expected above 0, got 0.0
          --dp-epsilon NaN                | --dp-epsilon: expected above 0, got NaN
          --dp-epsilon Infinity           | --dp-epsilon: expected a finite number, got Infinity
          --dp-noise 0.01                 | privacy: expected a noise of 0, or of at least 0.05, got 0.01
          --dp-noise 1 --dp-clip 0        | --dp-clip: expected above 0, got 0.0
          --dp-noise 1 --dp-delta 1       | --dp-delta: expected below 1, got 1.0
          --dp-noise 1 --virtual-batch -1 | --virtual-batch: expected at least 1, got -1
          --dp-noise 1 --precision bf16   | precision fp32 in private training
          --optimizer adam                | optimizer: expected one of [sgd, rmsprop], got 'adam'
          """)
  void whatCannotBeIsNamedBeforeAnythingIsMade(String options, String message) {
    Cli cli = train(options.trim().split(" "));
    assertThat(cli.status()).isEqualTo(2);
    assertThat(cli.err()).contains(message);
    assertThat(folder).isEmptyDirectory();
    List<String> shadows =
        new ArrayList<>(
            List.of(TinyCifar.options(data, "shadows", folder.resolve("r").toString())));
    shadows.addAll(List.of(options.trim().split(" ")));
    assertThat(Cli.run(shadows.toArray(String[]::new)).status()).isEqualTo(2);
    assertThat(folder).isEmptyDirectory();
  }
}
