package io.sagitta.attack.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sagitta.attack.ShadowLauncher;
import io.sagitta.attack.run.Progress;
import io.sagitta.attack.run.Run;
import io.sagitta.attack.run.RunConfig;
import io.sagitta.attack.run.StoppedException;
import io.sagitta.attack.run.TinyCifar;
import io.sagitta.attack.work.ClusterException;
import io.sagitta.attack.work.Machines;
import io.sagitta.nn.io.BadFileException;
import io.sagitta.nn.io.Hashes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;
import org.apache.spark.TaskContext;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs on two executors, processes of their own, beside the same runs in this process. */
class SparkMachinesTest {
  /** Enough epochs for a model to be met in the middle of them. */
  private static final RunConfig CONFIG = TinyCifar.config().shadows(2).epochs(60).build();

  private static final int MODELS = CONFIG.models();

  @TempDir static Path shared;
  private static Path data;
  private static Machines cluster;
  private static List<String> expected;

  @TempDir Path folder;

  @BeforeAll
  static void trainHereAndConnect() throws IOException {
    LocalCluster.require();
    data = TinyCifar.write(shared.resolve("data"), 8);
    ShadowLauncher.in(shared.resolve("run")).config(CONFIG).data(data).device("host").launch();
    expected = weights(shared.resolve("run"));
    cluster = LocalCluster.connect("host", gpus());
  }

  /** GPUs that are none: what hands them out does not look at them. */
  private static Map<String, String> gpus() throws IOException {
    Path script = shared.resolve("gpus.sh");
    Files.writeString(script, "#!/bin/sh\necho '{\"name\":\"gpu\",\"addresses\":[\"3\"]}'\n");
    assertThat(script.toFile().setExecutable(true)).isTrue();
    return Map.of(
        "spark.worker.resource.gpu.amount", "1",
        "spark.worker.resource.gpu.discoveryScript", script.toString(),
        "spark.executor.resource.gpu.amount", "1",
        "spark.task.resource.gpu.amount", "1");
  }

  @AfterAll
  static void disconnect() {
    if (cluster != null) {
      cluster.close();
    }
  }

  private static Run open(Path run) {
    return Run.open(run, recorded -> CONFIG, data, cluster::description, false);
  }

  private static Path model(Path run, int model) {
    return run.resolve(String.format("models/%04d.safetensors", model));
  }

  private static List<String> weights(Path run) {
    return IntStream.range(0, MODELS).mapToObj(m -> Hashes.sha256(model(run, m))).toList();
  }

  /** Does something once, at the first update of a model that is under way. */
  private static Progress once(Runnable deed) {
    return new Progress() {
      private boolean done;

      @Override
      public void update(double fraction, Map<String, Object> figures) {
        if (!done && fraction > 0 && fraction < 0.5) {
          done = true;
          deed.run();
        }
      }
    };
  }

  @Test
  void anExecutorKilledInTheMiddleChangesNothing() {
    Set<Long> killed = new TreeSet<>();
    Progress killing =
        once(
            () -> {
              ProcessHandle victim = LocalCluster.executors().get(0);
              killed.add(victim.pid());
              assertThat(victim.destroyForcibly()).isTrue();
            });
    try (Run run = open(folder)) {
      assertThat(ShadowLauncher.launch(run, cluster, killing, null).trained()).isEqualTo(MODELS);
    }
    assertThat(killed).as("an executor was killed while it trained").hasSize(1);
    assertThat(weights(folder)).isEqualTo(expected);
    assertThat(folder.resolve("models")).isDirectoryNotContaining("glob:**.checkpoint");
    assertThat(folder.resolve(".progress")).doesNotExist();
  }

  @Test
  void aStoppedRunGoesOnAndALostFileIsMadeAgain() throws IOException {
    try (Run run = open(folder)) {
      Progress stopping =
          once(
              () -> {
                throw new StoppedException("enough");
              });
      assertThatThrownBy(() -> ShadowLauncher.launch(run, cluster, stopping, null))
          .isInstanceOf(StoppedException.class)
          .hasMessage("enough");
      assertThat(IntStream.range(0, MODELS)).anyMatch(m -> !Files.exists(model(folder, m)));
      ShadowLauncher.launch(run, cluster, Progress.NONE, null);
      assertThat(weights(folder)).isEqualTo(expected);
      Files.delete(model(folder, 1));
      Heard heard = new Heard();
      ShadowLauncher.launch(run, cluster, heard, null);
      assertThat(heard.outcomes).containsOnlyKeys(1);
    }
    assertThat(weights(folder)).isEqualTo(expected);
  }

  /** What each model came to, and which threads spoke of it. */
  private static final class Heard implements Progress {
    private final Map<Thread, Integer> current = new ConcurrentHashMap<>();
    private final Map<Integer, Map<String, Object>> outcomes = new LinkedHashMap<>();

    @Override
    public void model(int model) {
      assertThat(current.put(Thread.currentThread(), model)).isNull();
    }

    @Override
    public void end(String outcome, Map<String, Object> figures) {
      Map<String, Object> all = new LinkedHashMap<>(figures);
      all.put("outcome", outcome);
      outcomes.put(current.remove(Thread.currentThread()), all);
    }
  }

  @Test
  void sparkSaysWhichGpu() {
    Heard heard = new Heard();
    try (Run run = open(folder)) {
      cluster.each(
          run, List.of(0, 1), heard,
          (there, model, backend, own) -> {
            own.model(model);
            String[] gpus = TaskContext.get().resourcesJMap().get("gpu").addresses();
            own.end(TaskDevice.of("cuda", gpus), Map.of());
          });
    }
    assertThat(heard.outcomes.values())
        .hasSize(2)
        .allSatisfy(outcome -> assertThat(outcome).containsEntry("outcome", "cuda:3"));
  }

  @Test
  void machinesThatLackTheDataAreNamedBeforeTrainingBegins() throws IOException {
    Path moving = TinyCifar.write(folder.resolve("data"), 8);
    Path place = folder.resolve("run");
    List<Integer> begun = new ArrayList<>();
    Progress noting =
        new Progress() {
          @Override
          public void model(int model) {
            begun.add(model);
          }
        };
    try (Run run = Run.open(place, r -> CONFIG, moving, cluster::description, false)) {
      Files.delete(moving.resolve("data_batch_3.bin"));
      assertThatThrownBy(() -> ShadowLauncher.launch(run, cluster, noting, null))
          .isInstanceOf(BadFileException.class)
          .hasMessageContaining("expected every machine to see this run folder and its data")
          .hasMessageContaining("(executor ")
          .hasMessageContaining("data_batch_3.bin");
      TinyCifar.write(moving, 9);
      assertThatThrownBy(() -> ShadowLauncher.launch(run, cluster, noting, null))
          .hasMessageContaining("made from other data: expected 40 samples");
    }
    assertThat(begun).isEmpty();
    assertThat(place.resolve("models")).isEmptyDirectory();
  }

  @Test
  void aFailureOfWorkIsTold() {
    try (Run run = open(folder)) {
      assertThatThrownBy(
              () ->
                  cluster.each(
                      run, List.of(0), Progress.NONE,
                      (there, model, backend, own) -> {
                        throw new IllegalStateException("model " + model + " will not do");
                      }))
          .isInstanceOf(ClusterException.class)
          .hasMessageContaining("model 0 will not do")
          .hasMessageContaining("executor")
          .satisfies(failure -> assertThat(failure.getMessage()).doesNotContain("\tat "));
    }
  }
}
