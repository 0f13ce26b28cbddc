package io.sagitta.attack.shadow;

import static org.assertj.core.api.Assertions.assertThat;

import io.sagitta.attack.ShadowLauncher;
import io.sagitta.attack.run.Progress;
import io.sagitta.attack.run.RunConfig;
import io.sagitta.attack.run.TinyCifar;
import io.sagitta.kernels.Backends;
import io.sagitta.kernels.cuda.EmulatedCuda;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Models trained at the same time on a GPU, real or emulated, have the bits of one alone. */
@Timeout(value = 5, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class CudaAtOnceTest {
  private static final RunConfig CONFIG = TinyCifar.config().epochs(2).batch(8).build();
  private static final int MODELS = CONFIG.models();
  private static final int RECORDS_PER_FILE = 4;

  @TempDir static Path shared;
  private static Backends.Candidate gpu;
  private static TinyRuns runs;
  private static List<String> expected;

  @TempDir Path folder;

  @BeforeAll
  static void trainOneAfterTheOther() {
    gpu = Backends.cuda();
    Assumptions.assumeTrue(
        gpu.factory() != null, () -> gpu.name() + " is absent: " + gpu.reason());
    Path data = TinyCifar.write(shared.resolve("data"), RECORDS_PER_FILE);
    runs = new TinyRuns(CONFIG, data, "cuda:0");
    Path run = shared.resolve("run");
    runs.launcher(run, 1).launch();
    expected = runs.weights(run);
    assertThat(expected).doesNotHaveDuplicates();
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 8})
  void theWeightsHaveTheSameBits(int atOnce) {
    ShadowLauncher.Outcome outcome = runs.launcher(folder, atOnce).launch();
    assertThat(outcome).isEqualTo(new ShadowLauncher.Outcome(MODELS, MODELS, List.of()));
    assertThat(runs.weights(folder)).isEqualTo(expected);
  }

  @Test
  void aDeviceThatIsLostToSeveralGoesOnToTheSameBits() {
    Assumptions.assumeTrue(
        gpu.name().equals("cuda-emulated"), "a real device is not lost to order");
    AtomicBoolean failed = new AtomicBoolean();
    Set<Integer> begun = new HashSet<>();
    Set<Integer> again = new HashSet<>();
    Progress failing =
        new Progress() {
          @Override
          public void model(int model) {
            if (!begun.add(model)) {
              again.add(model);
            }
          }

          @Override
          public void update(double fraction, Map<String, Object> figures) {
            if (fraction > 0.5 && begun.size() > 1 && failed.compareAndSet(false, true)) {
              EmulatedCuda.command("fail", "1:700");
            }
          }
        };
    ShadowLauncher.Outcome outcome = runs.launcher(folder, 2).progress(failing).launch();
    assertThat(outcome.trained()).isEqualTo(MODELS);
    assertThat(again).as("done once more").isNotEmpty();
    assertThat(runs.weights(folder)).isEqualTo(expected);
  }
}
