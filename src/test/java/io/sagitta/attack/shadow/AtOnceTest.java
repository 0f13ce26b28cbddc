package io.sagitta.attack.shadow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sagitta.ChildJava;
import io.sagitta.attack.ShadowLauncher;
import io.sagitta.attack.run.Progress;
import io.sagitta.attack.run.RunConfig;
import io.sagitta.attack.run.StoppedException;
import io.sagitta.attack.run.TinyCifar;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Models trained at the same time have the bits of models trained alone on all cores. The network
 * is wide enough for its convolutions to be cut into shares.
 */
class AtOnceTest {
  private static final RunConfig CONFIG = TinyCifar.config().width(16).batch(32).build();
  private static final int MODELS = CONFIG.models();
  private static final int RECORDS_PER_FILE = 32;

  @TempDir static Path shared;
  private static TinyRuns runs;
  private static List<String> expected;

  @TempDir Path folder;

  @BeforeAll
  static void trainOneAfterTheOther() {
    Path data = TinyCifar.write(shared.resolve("data"), RECORDS_PER_FILE);
    runs = new TinyRuns(CONFIG, data, "host");
    Path run = shared.resolve("run");
    runs.launcher(run, 1).launch();
    expected = runs.weights(run);
    assertThat(expected).doesNotHaveDuplicates();
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3, 16})
  void theWeightsHaveTheSameBits(int atOnce) {
    ShadowLauncher.Outcome outcome = runs.launcher(folder, atOnce).launch();
    assertThat(outcome).isEqualTo(new ShadowLauncher.Outcome(MODELS, MODELS, List.of()));
    assertThat(runs.weights(folder)).isEqualTo(expected);
  }

  @Test
  void stoppedTogetherTheyGoOnToTheSameBits() {
    Progress stopping =
        new Progress() {
          @Override
          public void update(double fraction, Map<String, Object> figures) {
            if (figures.get("epoch").equals("3/3")) {
              throw new StoppedException("enough");
            }
          }
        };
    assertThatThrownBy(() -> runs.launcher(folder, 2).progress(stopping).launch())
        .isInstanceOf(StoppedException.class)
        .hasMessage("enough");
    for (int model = 0; model < MODELS; model++) {
      assertThat(TinyRuns.model(folder, model)).doesNotExist();
    }
    assertThat(folder.resolve("models")).isDirectoryContaining("glob:**.checkpoint");
    runs.launcher(folder, 3).launch();
    assertThat(runs.weights(folder)).isEqualTo(expected);
    assertThat(folder.resolve("models")).isDirectoryNotContaining("glob:**.checkpoint");
  }

  @Test
  void killedTogetherTheyGoOnToTheSameBits() throws Exception {
    for (String wait : List.of("models/0001.checkpoint", "models/0000.safetensors")) {
      Process launched = start("--at-once", "2", "--width", "16", "--batch", "32");
      try {
        awaitFile(launched, folder.resolve(wait));
      } finally {
        launched.destroyForcibly().waitFor();
      }
    }
    assertThat(TinyRuns.model(folder, MODELS - 1)).as("it was killed before the end").doesNotExist();
    runs.launcher(folder, 1).launch();
    assertThat(runs.weights(folder)).isEqualTo(expected);
  }

  private Process start(String... more) throws IOException {
    List<String> options =
        new ArrayList<>(
            List.of(TinyCifar.options(runs.data(), folder.toString(), "--device", "host")));
    for (int i = 0; i < more.length; i += 2) {
      int there = options.indexOf(more[i]);
      if (there < 0) {
        options.addAll(List.of(more[i], more[i + 1]));
      } else {
        options.set(there + 1, more[i + 1]);
      }
    }
    List<String> command = ChildJava.command(ShadowLauncher.class.getName(), options);
    File log = folder.resolveSibling(folder.getFileName() + ".log").toFile();
    return new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log).start();
  }

  private static void awaitFile(Process process, Path file) throws InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(120);
    while (!Files.exists(file)) {
      assertThat(System.nanoTime()).as("%s appears in time", file).isLessThan(deadline);
      assertThat(process.isAlive()).as("the launcher runs until %s appears", file).isTrue();
      Thread.sleep(5);
    }
  }
}
