package io.sagitta.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A comparison with engines that are not what they say. */
class CompareTest {
  private static final String WORK = "train-resnet8:2";

  @TempDir Path folder;

  /** The right engine, one that answers at once and wrong, and one that cannot. */
  @Test
  void fasterWrongNumbersDoNotWin() throws IOException {
    Path out = folder.resolve("compare.json");
    String liar =
        "while read -r word rest; do case $word in"
            + " prepare) echo '{\"note\": \"liar\", \"result\": [1, 1]}' ;;"
            + " run) echo '{\"samples_per_s\": 1e9}' ;; esac; done";
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    Compare.main(
        new String[] {
          WORK, "--rounds", "1", "--seconds", "0", "--out", out.toString(),
          "--record", "place=test",
          "sagitta='" + java + "' -cp '" + System.getProperty("java.class.path")
              + "' io.sagitta.bench.Worker sagitta --warm-up 0",
          "liar=" + script("liar", liar),
          "absent=" + script("absent", "read -r line; echo '{\"error\": \"no such work\"}'"),
        });
    JsonNode result = new ObjectMapper().readTree(out.toFile());
    assertThat(result.get("place").asText()).isEqualTo("test");
    JsonNode work = result.get(WORK);
    assertThat(work.get("sagitta").get("counts").asBoolean()).isTrue();
    assertThat(work.get("sagitta").get("error").asDouble()).isLessThan(1e-5);
    assertThat(work.get("sagitta").get("median_samples_per_s").asDouble()).isPositive();
    assertThat(work.get("liar").get("counts").asBoolean()).isFalse();
    assertThat(work.get("absent").get("left_out").asText()).contains("no such work");
    assertThat(work.get("ratio_to_liar").asDouble()).isLessThan(1);
    assertThat(work.has("ratio_to_fastest_peer")).isFalse();
  }

  private String script(String name, String text) throws IOException {
    Path file = folder.resolve(name + ".sh");
    Files.writeString(file, text + "\n");
    return "bash '" + file + "'";
  }

  @Test
  void wrongUseIsExplained() {
    assertRefused("sagitta='…'");
    assertRefused("--help", "sagitta=x", "--turns", "3");
    assertRefused("a value after --out", "sagitta=x", "--out");
    assertRefused("WORKLOAD:BATCH, got train", "sagitta=x", "train");
    assertRefused("--rounds: expected a whole number, got 'many'", "sagitta=x", "--rounds", "many");
    assertRefused("train:many: expected a whole number", "sagitta=x", "train:many");
    assertRefused("workload: expected one of", "sagitta=x", "sleep:64");
    assertRefused("--engines among [sagitta]", "sagitta=x", "--engines", "djl");
    CompareOptions some = new CompareOptions(new String[] {"sagitta=x", "djl=y", "--engines", "sagitta"});
    assertThat(some.commands).containsOnlyKeys("sagitta");
    assertThat(some.workloads).contains("gradient:64", "peak:64");
    assertThat(CompareOptions.HELP.lines()).allSatisfy(l -> assertThat(l).hasSizeLessThan(101));
  }

  private static void assertRefused(String message, String... args) {
    assertThatThrownBy(() -> new CompareOptions(args))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(message);
  }
}
