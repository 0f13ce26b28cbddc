package io.sagitta.attack.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.sagitta.attack.run.TinyCifar;
import io.sagitta.kernels.Backends;
import io.sagitta.nn.io.Safetensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A whole audit on a GPU, real or emulated, beside the same one on the host. */
class CudaAuditTest {
  private static final int IMAGES_A_FILE = 2;
  private static final int MODELS = 5;

  /** The runtime of a bundle for GPU hosts has no java.desktop, which reports need. */
  private static final boolean PICTURES =
      ModuleLayer.boot().findModule("java.desktop").isPresent();

  @TempDir Path folder;

  @Test
  void anAuditOnAGpuIsTheOneOnTheHost() throws IOException {
    Backends.Candidate gpu = Backends.cuda();
    Assumptions.assumeTrue(
        gpu.factory() != null, () -> gpu.name() + " is absent: " + gpu.reason());
    Path data = TinyCifar.write(folder.resolve("data"), IMAGES_A_FILE);
    Path host = audit(data, "host");
    Path cuda = audit(data, "cuda");
    assertThat(cuda.resolve("masks.safetensors"))
        .hasSameBinaryContentAs(host.resolve("masks.safetensors"));
    for (int model = 0; model < MODELS; model++) {
      String file = String.format("scores/%04d.safetensors", model);
      assertThat(meanLoss(cuda.resolve(file)) / meanLoss(host.resolve(file)))
          .as("mean loss of model %d", model)
          .isBetween(0.99, 1.01);
    }
    assertThat(Files.readString(cuda.resolve("attack.csv")).lines().count())
        .isEqualTo(Files.readString(host.resolve("attack.csv")).lines().count());
    if (PICTURES) {
      run("report", cuda.toString());
      assertThat(cuda.resolve("report.html")).isNotEmptyFile();
    }
  }

  private Path audit(Path data, String device) {
    Path run = folder.resolve(device);
    run(TinyCifar.options(data, "shadows", run.toString(), "--views", "1", "--device", device));
    run("score", run.toString(), "--device", device);
    run("attack", run.toString());
    return run;
  }

  private static void run(String... command) {
    Cli cli = Cli.run(command);
    assertThat(cli.status()).as(cli.text()).isZero();
  }

  private static double meanLoss(Path scores) throws IOException {
    double sum = 0;
    double[] losses = Safetensors.read(scores).entry("loss").doubles();
    for (double loss : losses) {
      sum += loss;
    }
    return sum / losses.length;
  }
}
