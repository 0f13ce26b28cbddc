package io.sagitta.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.sagitta.engine.curvature.Evaluation;
import io.sagitta.engine.curvature.ZeroOrder;
import io.sagitta.kernels.Precision;
import io.sagitta.kernels.host.HostBackend;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What engines are given, and whether their results are told apart from wrong ones. */
class ProblemTest {
  private static final Workload.Kind KIND = Workload.Kind.TRAIN_RESNET8;
  private static final int IMAGE = 3 * 32 * 32;

  @TempDir Path folder;

  @Test
  void filesHoldWhatWasMade() {
    Problem made = Problem.of(KIND, 3);
    Path file = folder.resolve("problem.safetensors");
    made.write(file);
    Problem read = Problem.read(file);
    assertThat(read.batch()).isEqualTo(3);
    assertThat(read.images()).isEqualTo(made.images()).hasSize(3 * IMAGE);
    assertThat(read.labels()).isEqualTo(made.labels());
    assertThat(read.u(9)).isEqualTo(made.u(9));
    assertThat(List.copyOf(read.weights().keySet()))
        .as("PyTorch's order")
        .isEqualTo(List.copyOf(made.weights().keySet()))
        .startsWith("conv1.weight", "bn1.weight", "bn1.bias", "bn1.running_mean")
        .endsWith("linear.weight", "linear.bias")
        .noneMatch(name -> name.endsWith("num_batches_tracked"));
  }

  @Test
  void fewerImagesAreTheFirstWithTheirDirections() {
    Problem all = Problem.of(KIND, 3);
    Problem two = all.first(2);
    assertThat(two.batch()).isEqualTo(2);
    assertThat(two.images()).isEqualTo(Arrays.copyOf(all.images(), 2 * IMAGE));
    for (int trial : new int[] {0, 9}) {
      assertThat(two.v(trial)).isEqualTo(Arrays.copyOf(all.v(trial), 2 * IMAGE));
      assertThat(two.u(trial)).isEqualTo(Arrays.copyOf(all.u(trial), 2 * IMAGE));
    }
  }

  /** Peers subtract queries along the very directions that Sagitta draws. */
  @Test
  void directionsAreThoseOfTheScore() {
    byte[] v = new byte[IMAGE];
    byte[] u = new byte[IMAGE];
    new ZeroOrder(Problem.H, Problem.PROBES, Problem.SEED, 4, Evaluation.plain())
        .directions(1, 7, v, u);
    float[] given = Problem.toNhwc(Problem.of(KIND, 2).u(7));
    for (int i = 0; i < IMAGE; i++) {
      assertThat(given[IMAGE + i]).isEqualTo(u[i]);
    }
  }

  @Test
  void imagesKeepTheirPlacesWhenTurned() {
    float[] images = Problem.of(KIND, 2).images();
    float[] nhwc = Problem.toNhwc(images);
    int pixel = 5 * 32 + 7;
    assertThat(nhwc[IMAGE + pixel * 3 + 2]).isEqualTo(images[IMAGE + 2 * 1024 + pixel]);
    double[] wide = new double[nhwc.length];
    for (int i = 0; i < wide.length; i++) {
      wide[i] = nhwc[i];
    }
    double[] back = Problem.toNchw(wide);
    for (int i = 0; i < back.length; i++) {
      assertThat((float) back[i]).isEqualTo(images[i]);
    }
  }

  /** Two steps, so that a wrong gradient shows in the second loss. */
  @Test
  void trainingIsHeldToFloat64() {
    Problem problem = Problem.of(KIND, 3);
    double[] expected = Check.expected(KIND, problem);
    double[] found;
    try (SagittaWorkload workload =
        new SagittaWorkload(
            KIND, Check.sample(problem), HostBackend.create(), Precision.FP32)) {
      found = Check.result(KIND, workload);
    }
    assertThat(found).hasSize(2);
    assertThat(Check.error(found, expected)).isLessThan(1e-6);
    double[] withoutStep = {found[0], found[0]};
    assertThat(Check.error(withoutStep, expected)).isGreaterThan(1e-3);
  }
}
