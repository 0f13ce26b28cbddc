package io.sagitta.attack.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sagitta.attack.console.ExitCode;
import io.sagitta.attack.methods.SyntheticScores;
import io.sagitta.attack.run.ScoreFiles;
import io.sagitta.attack.run.ScoreSet;
import io.sagitta.attack.run.Signal;
import io.sagitta.attack.run.StoppedException;
import io.sagitta.nn.io.Safetensors;
import io.sagitta.nn.io.Safetensors.Entry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The command that attacks scores made elsewhere, and its choices. */
class AttackCommandTest {
  private static final int SAMPLES = 120;

  @TempDir static Path folder;

  @BeforeAll
  static void writeScores() throws IOException {
    ScoreSet scores = SyntheticScores.make(5, 9, SAMPLES);
    byte[] members = new byte[9 * SAMPLES];
    for (int i = 0; i < members.length; i++) {
      members[i] = scores.member(i / SAMPLES, i % SAMPLES) ? (byte) 1 : 0;
    }
    Safetensors.write(
        folder.resolve("masks.safetensors"),
        List.of(
            Entry.ofUnsignedBytes("members", new long[] {9, SAMPLES}, members),
            Entry.ofLongs("labels", new long[] {SAMPLES}, new long[SAMPLES])),
        Map.of("dataset_hash", "aa"));
    Files.createDirectory(folder.resolve("scores"));
    for (int model = 0; model < 9; model++) {
      List<Entry> entries = new ArrayList<>();
      for (Signal signal : scores.signals()) {
        double[] both = Arrays.copyOf(scores.values(signal, model, 0), 2 * SAMPLES);
        System.arraycopy(scores.values(signal, model, 1), 0, both, SAMPLES, SAMPLES);
        entries.add(Entry.ofDoubles(signal.tensorName(), new long[] {2, SAMPLES}, both));
      }
      Safetensors.write(
          ScoreFiles.file(folder.resolve("scores"), model), entries,
          Map.of("views", "identity,flip", "dataset_hash", "aa"));
    }
  }

  private static Cli attack(String out, String... more) {
    String[] always = {
      "attack", "--masks", folder.resolve("masks.safetensors").toString(), "--scores",
      folder.resolve("scores").toString(), "--targets", "7,8", "--out",
      folder.resolve(out).toString(), "--resamples", "10"
    };
    return Cli.run(Stream.of(always, more).flatMap(Arrays::stream).toArray(String[]::new));
  }

  @Test
  void theAttacksAskedForAreInEveryFileAndNoOthers() throws IOException {
    Cli cli =
        attack(
            "chosen", "--attacks", "lira,rmia", "--mode", "corrected", "--shadows-used", "5",
            "--variance", "shrunk", "--delta", "0.01", "--confidence", "0.9");
    assertThat(cli.status()).as(cli.text()).isEqualTo(ExitCode.OK.status());
    assertThat(cli.out()).contains("lira ", "rmia ", "5 shadows").doesNotContain("yeom");
    Path out = folder.resolve("chosen");
    JsonNode json = new ObjectMapper().readTree(out.resolve("attack.json").toFile());
    assertThat(json.get("shadows").asInt()).isEqualTo(5);
    assertThat(json.get("results")).hasSize(4);
    assertThat(json.get("results").get(0).get("epsilon").get("delta").asDouble()).isEqualTo(0.01);
    assertThat(json.get("results").get(0).get("epsilon").get("confidence").asDouble())
        .isEqualTo(0.9);
    assertThat(Files.readAllLines(out.resolve("attack.csv"))).hasSize(1 + 4);
    assertThat(Files.readAllLines(out.resolve("samples.csv"))).hasSize(1 + 2 * SAMPLES);
    assertThat(Files.readAllLines(out.resolve("samples.csv")).get(0))
        .contains("lira_rank", "rmia_rank");
  }

  @Test
  void withoutAChoiceEveryAttackThatTheScoresAllowIsThere() {
    Cli cli = attack("all");
    assertThat(cli.status()).as(cli.text()).isEqualTo(ExitCode.OK.status());
    assertThat(cli.out())
        .contains("curv-zo-nll", "joint", "bavaria", "lira-offline-two-sided", "watson")
        .contains("Note: Left out: ", "attack song (paper): target 7 has no mentr");
  }

  @Test
  void whatCannotBeDoneIsAnErrorThatSaysWhy() {
    refused("target 7 has no mentr", "--attacks", "song");
    refused("there is no such attack in mode paper", "--attacks", "joint", "--mode", "paper");
    refused("expected one of curv-zo-nll, curv-zo-lr, lira", "--attacks", "lyra");
    refused("expected one of per-sample, global, shrunk", "--variance", "own");
    refused("expected one of auto, all", "--views", "some");
    refused("got none among 0 shadows", "--attacks", "lira", "--shadows-used", "0");
    refused("--confidence: expected below 1, got 2.0", "--confidence", "2");
  }

  @Test
  void aStopIsHeardInsideTheEvaluation() {
    AtomicInteger left = new AtomicInteger(40);
    Runnable stopCheck =
        () -> {
          if (left.decrementAndGet() == 0) {
            throw new StoppedException("enough");
          }
        };
    Cli cli =
        Cli.run(
            stopCheck, "attack", "--masks", folder.resolve("masks.safetensors").toString(),
            "--scores", folder.resolve("scores").toString(), "--targets", "7,8", "--out",
            folder.resolve("stopped").toString());
    assertThat(cli.status()).as(cli.text()).isEqualTo(ExitCode.INTERRUPTED.status());
    assertThat(folder.resolve("stopped")).doesNotExist();
  }

  private static void refused(String why, String... arguments) {
    Cli cli = attack("refused", arguments);
    assertThat(cli.status()).as(cli.text()).isNotEqualTo(ExitCode.OK.status());
    assertThat(cli.err()).contains(why);
    assertThat(folder.resolve("refused")).doesNotExist();
  }
}
