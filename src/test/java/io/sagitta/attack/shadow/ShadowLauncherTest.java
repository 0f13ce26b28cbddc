package io.sagitta.attack.shadow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sagitta.ChildJava;
import io.sagitta.attack.ShadowLauncher;
import io.sagitta.attack.run.Progress;
import io.sagitta.attack.run.Run;
import io.sagitta.attack.run.RunConfig;
import io.sagitta.attack.run.RunConflictException;
import io.sagitta.attack.run.StoppedException;
import io.sagitta.attack.run.TinyCifar;
import io.sagitta.attack.work.Workers;
import io.sagitta.nn.io.BadFileException;
import io.sagitta.nn.io.Hashes;
import io.sagitta.nn.io.Safetensors.Entry;
import io.sagitta.nn.io.Safetensors;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ShadowLauncherTest {
  private static final RunConfig CONFIG = TinyCifar.config().build();
  private static final int MODELS = CONFIG.models();
  private static final int SIGTERM_STATUS = 143;

  @TempDir static Path shared;
  private static Path data;
  private static List<String> expected;

  @TempDir Path folder;
  private final List<Process> started = new ArrayList<>();

  @AfterEach
  void endWhatWasStarted() {
    started.forEach(Process::destroyForcibly);
  }

  @BeforeAll
  static void trainWithoutInterruption() {
    data = TinyCifar.write(shared.resolve("data"), 8);
    Path run = shared.resolve("run");
    ShadowLauncher.Outcome outcome = launcher(run, CONFIG).launch();
    assertThat(outcome).isEqualTo(new ShadowLauncher.Outcome(MODELS, MODELS, List.of()));
    expected = weights(run);
  }

  private static ShadowLauncher launcher(Path run, RunConfig config) {
    return ShadowLauncher.in(run).config(config).data(data);
  }

  private static Path model(Path run, int model) {
    return run.resolve(String.format("models/%04d.safetensors", model));
  }

  private static List<String> weights(Path run) {
    return IntStream.range(0, MODELS).mapToObj(m -> Hashes.sha256(model(run, m))).toList();
  }

  /** Stops at the first update of a model's epoch. */
  private static Progress stoppingAt(int model, String epoch) {
    return new Progress() {
      private int current;

      @Override
      public void model(int index) {
        current = index;
      }

      @Override
      public void update(double fraction, Map<String, Object> figures) {
        if (current == model && figures.get("epoch").equals(epoch)) {
          throw new StoppedException("enough");
        }
      }
    };
  }

  @Test
  void weightsSayWhatTheyWereMadeFrom() {
    Path run = shared.resolve("run");
    Map<String, String> metadata = Safetensors.read(model(run, 4)).metadata();
    assertThat(metadata)
        .containsKeys(
            "configuration_hash", "dataset_hash", "final_loss", "train_accuracy", "model_seed",
            "sagitta", "normalization")
        .containsEntry("architecture", "resnet8")
        .containsEntry("width", "4")
        .containsEntry("classes", "10")
        .containsEntry("epochs", "3")
        .containsEntry("seed", "5")
        .containsEntry("model", "4");
    assertThat(expected).doesNotHaveDuplicates();
    assertThat(run.resolve("models")).isDirectoryNotContaining("glob:**.checkpoint");
  }

  @Test
  void aStoppedLaunchGoesOnToTheSameBits() {
    assertThatThrownBy(() -> launcher(folder, CONFIG).progress(stoppingAt(1, "3/3")).launch())
        .isInstanceOf(StoppedException.class);
    assertThat(model(folder, 0)).exists();
    assertThat(model(folder, 1)).doesNotExist();
    assertThat(folder.resolve("models/0001.checkpoint")).exists();
    assertThat(launcher(folder, CONFIG).launch().trained()).isEqualTo(MODELS);
    assertThat(weights(folder)).isEqualTo(expected);
    assertThat(folder.resolve("models/0001.checkpoint")).doesNotExist();
  }

  @Test
  void aRunThatIsDoneIsLeftAsItIs() throws IOException {
    launcher(folder, CONFIG).launch();
    Object before = Files.getLastModifiedTime(model(folder, 2));
    List<Integer> worked = new ArrayList<>();
    ShadowLauncher.in(folder)
        .progress(
            new Progress() {
              @Override
              public void model(int model) {
                worked.add(model);
              }
            })
        .launch();
    assertThat(worked).isEmpty();
    assertThat(Files.getLastModifiedTime(model(folder, 2))).isEqualTo(before);
  }

  @Test
  void oneModelAtATimeGivesTheSameRun() {
    for (int index : new int[] {3, 0, 4, 1, 2}) {
      launcher(folder, CONFIG).index(index).launch();
      assertThat(model(folder, index)).exists();
    }
    assertThat(weights(folder)).isEqualTo(expected);
    assertThatThrownBy(() -> launcher(folder, CONFIG).index(5).launch())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("index: expected a model in 0..4, got 5");
  }

  @Test
  void aModelThatDivergesIsRecordedAndTheOthersGoOn() {
    assertThatThrownBy(() -> launcher(folder, CONFIG).progress(stoppingAt(1, "2/3")).launch())
        .isInstanceOf(StoppedException.class);
    poison(folder.resolve("models/0001.checkpoint"));
    ShadowLauncher.Outcome outcome = launcher(folder, CONFIG).launch();
    assertThat(outcome.trained()).isEqualTo(MODELS - 1);
    assertThat(outcome.diverged()).extracting(Divergence::model).containsExactly(1);
    assertThat(outcome.diverged().get(0).message())
        .contains("epoch 2", "step 2", "expected a finite loss");
    assertThat(model(folder, 1)).doesNotExist();
    assertThat(Hashes.sha256(model(folder, 2))).isEqualTo(expected.get(2));
    assertThat(launcher(folder, CONFIG).launch()).as("again").isEqualTo(outcome);
  }

  /** Weights so large that what is computed with them is no number. */
  private static void poison(Path checkpoint) {
    Safetensors.File file = Safetensors.read(checkpoint);
    List<Entry> entries = new ArrayList<>(file.entries().values());
    Entry first = entries.get(0);
    float[] values = first.floats();
    Arrays.fill(values, 1e38f);
    entries.set(0, Entry.ofFloats(first.name(), first.shape(), values));
    Safetensors.write(checkpoint, entries, file.metadata());
  }

  @Test
  void anotherRunsWeightsAreRefusedAndKept() throws IOException {
    launcher(folder, CONFIG.toBuilder().seed(6).build()).index(0).launch();
    Path stranger = shared.resolve("run").resolve("models/0001.safetensors");
    Files.copy(stranger, model(folder, 1));
    assertThatThrownBy(() -> ShadowLauncher.in(folder).launch())
        .isInstanceOf(RunConflictException.class)
        .hasMessageContaining("0001.safetensors: a stale file");
    assertThat(model(folder, 1)).hasSameBinaryContentAs(stranger);
    Files.write(model(folder, 1), new byte[] {1, 2, 3});
    assertThatThrownBy(() -> ShadowLauncher.in(folder).launch())
        .isInstanceOf(BadFileException.class)
        .hasMessageContaining("0001.safetensors");
  }

  @Test
  void killedAtAnyMomentItGoesOnToTheSameBits() throws Exception {
    for (String wait : List.of("models/0000.checkpoint", "models/0001.safetensors")) {
      Process launched = start(CONFIG);
      awaitFile(launched, folder.resolve(wait));
      launched.destroyForcibly().waitFor();
    }
    assertThat(model(folder, MODELS - 1)).as("it was killed before the end").doesNotExist();
    launcher(folder, CONFIG).launch();
    assertThat(weights(folder)).isEqualTo(expected);
    try (var left = Files.list(folder.resolve("models"))) {
      assertThat(left.filter(file -> file.toString().endsWith("tmp"))).isEmpty();
    }
  }

  /** As after a speculative duplicate, or a machine that was lost but still works. */
  @Test
  void twoThatTrainTheSameModelsWithoutLocksWriteTheSameBits() throws Exception {
    List<Throwable> failures = Collections.synchronizedList(new ArrayList<>());
    try (Run run = Run.open(folder, r -> CONFIG, data, () -> "host", false)) {
      String hash = run.record().configurationHash();
      List<Thread> twins = new ArrayList<>();
      for (int twin = 0; twin < 2; twin++) {
        Thread thread =
            new Thread(
                () -> {
                  try (Run joined = Run.joined(folder, hash, data);
                      Workers workers = Workers.open("host")) {
                    ShadowLauncher.launch(joined, workers, Progress.NONE, null);
                  }
                });
        thread.setUncaughtExceptionHandler((t, failure) -> failures.add(failure));
        thread.start();
        twins.add(thread);
      }
      for (Thread twin : twins) {
        twin.join();
      }
      // One may find a checkpoint gone that the other was done with; it is then tried again.
      assertThat(failures).allSatisfy(f -> assertThat(f).isInstanceOf(BadFileException.class));
      try (Workers workers = Workers.open("host")) {
        ShadowLauncher.launch(run, workers, Progress.NONE, null);
      }
      assertThatThrownBy(() -> Run.joined(folder, "another", data))
          .isInstanceOf(BadFileException.class)
          .hasMessageContaining("expected a run with configuration_hash another");
      assertThatThrownBy(() -> Run.joined(shared, hash, data))
          .isInstanceOf(BadFileException.class)
          .hasMessageContaining("is the folder on storage that all machines share?");
    }
    assertThat(weights(folder)).isEqualTo(expected);
    assertThat(folder.resolve("models")).isDirectoryNotContaining("glob:**.checkpoint");
  }

  @Test
  void aSecondLauncherIsToldAndSigtermStopsTheFirstCleanly() throws Exception {
    RunConfig longer = CONFIG.toBuilder().epochs(5000).build();
    Process first = start(longer);
    awaitFile(first, folder.resolve("models/0000.checkpoint"));
    assertThatThrownBy(() -> launcher(folder, longer).launch())
        .isInstanceOf(RunConflictException.class)
        .hasMessageContaining("in use by process " + first.pid());
    assertThat(first.isAlive()).isTrue();
    first.destroy();
    assertThat(first.waitFor(30, TimeUnit.SECONDS)).isTrue();
    assertThat(first.exitValue()).isEqualTo(SIGTERM_STATUS);
    assertThat(Files.readString(folder.resolveSibling(folder.getFileName() + ".log")))
        .contains("sagitta: stopped; what is done is kept, and the same command continues")
        .doesNotContain("\tat ");
    assertThat(Safetensors.read(folder.resolve("models/0000.checkpoint")).metadata())
        .containsKey("epochs_done");
  }

  private Process start(RunConfig config) throws IOException {
    List<String> command =
        ChildJava.command(
            ShadowLauncher.class.getName(), List.of(TinyCifar.options(data, folder.toString())));
    command.set(command.indexOf("--epochs") + 1, Integer.toString(config.epochs()));
    File log = folder.resolveSibling(folder.getFileName() + ".log").toFile();
    Process process =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log).start();
    started.add(process);
    return process;
  }

  private static void awaitFile(Process process, Path file) throws InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    while (!Files.exists(file)) {
      assertThat(System.nanoTime()).as("%s appears in time", file).isLessThan(deadline);
      assertThat(process.isAlive()).as("the launcher runs until %s appears", file).isTrue();
      Thread.sleep(5);
    }
  }
}
