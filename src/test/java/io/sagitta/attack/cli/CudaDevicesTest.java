package io.sagitta.attack.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.sagitta.attack.run.TinyCifar;
import io.sagitta.kernels.cuda.EmulatedCuda;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Commands on GPUs, which the emulated driver plays, and what they say when something is wrong. */
class CudaDevicesTest {
  private static final List<String> MODELS = List.of("models/0000", "models/0001", "models/0002");

  @TempDir static Path shared;
  private static Path data;
  private static Path undisturbed;

  @TempDir Path folder;

  @BeforeAll
  static void trainOnce() {
    String absent = EmulatedCuda.whyAbsent();
    Assumptions.assumeTrue(absent == null, absent);
    data = TinyCifar.write(shared.resolve("data"), 2);
    undisturbed = shared.resolve("run");
    Cli cli = shadows(undisturbed, "cuda");
    assertThat(cli.status()).as(cli.text()).isZero();
    assertThat(cli.err()).contains("device cuda:0");
  }

  @AfterEach
  void healthyAgain() {
    EmulatedCuda.healthy();
  }

  private static Cli shadows(Path run, String device) {
    return Cli.run(
        "shadows", run.toString(), "--dataset", "cifar10", "--data", data.toString(), "--width",
        "4", "--shadows", "2", "--targets", "1", "--epochs", "2", "--batch", "5", "--views", "1",
        "--n", "1", "--seed", "5",
        "--device", device);
  }

  private static void assertSameWeights(Path run) throws IOException {
    for (String model : MODELS) {
      String file = model + ".safetensors";
      assertThat(Files.readAllBytes(run.resolve(file)))
          .as(file)
          .isEqualTo(Files.readAllBytes(undisturbed.resolve(file)));
    }
  }

  private static void assertDeviceError(Cli cli, String... parts) {
    assertThat(cli.status()).as(cli.text()).isEqualTo(6);
    assertThat(cli.err()).contains(parts).doesNotContain("\tat ").doesNotContain("unexpected");
  }

  @Test
  void severalDevicesTrainTheSameBits() throws IOException {
    EmulatedCuda.command("devices", 2);
    Path run = folder.resolve("run");
    Cli cli = shadows(run, "cuda:all");
    assertThat(cli.status()).as(cli.text()).isZero();
    assertThat(cli.err()).contains("device cuda:0", "device cuda:1");
    assertSameWeights(run);
    Cli score = Cli.run("score", run.toString(), "--device", "cuda:1,cuda:0");
    assertThat(score.status()).as(score.text()).isZero();
    assertThat(run.resolve("scores/0002.safetensors")).exists();
  }

  @Test
  void aModelWhoseDeviceIsLostIsTrainedOnceMoreWithTheSameBits() throws IOException {
    Path run = folder.resolve("run");
    EmulatedCuda.command("fail", "700:719");
    Cli cli = shadows(run, "cuda");
    assertThat(cli.status()).as(cli.text()).isZero();
    assertThat(cli.err()).contains("3 of 3 models are trained");
    assertThat(Files.readString(run.resolve("progress.jsonl")).split("\"event\":\"model\"", -1))
        .as("three models begun, one of them twice")
        .hasSize(1 + 4);
    assertSameWeights(run);
  }

  @Test
  void aDeviceThatIsLostAgainWithTheSameModelIsReportedAndTheFolderCanBeContinued()
      throws IOException {
    Path run = folder.resolve("run");
    EmulatedCuda.command("fail", "150:700:2");
    assertDeviceError(
        shadows(run, "cuda"), "cuda:0 was lost twice while it worked on model 0",
        "CUDA_ERROR_ILLEGAL_ADDRESS", "(700)", "kernel ", "grid ");
    EmulatedCuda.healthy();
    Cli again = shadows(run, "cuda");
    assertThat(again.status()).as(again.text()).isZero();
    assertSameWeights(run);
  }

  @Test
  void aDeviceWithoutImagesOfKernelsIsNamedWithThoseThereAre() throws IOException {
    Path run = folder.resolve("run");
    EmulatedCuda.command("capability", 75);
    assertDeviceError(
        shadows(run, "cuda"), "cuda:0: no kernel image for Emulated device",
        "compute capability 7.5; expected 8.0 or newer");
    assertThat(run).doesNotExist();
    EmulatedCuda.command("capability", 90);
    EmulatedCuda.command("image", 209);
    assertDeviceError(shadows(run, "cuda"), "CUDA_ERROR_NO_BINARY_FOR_GPU");
    EmulatedCuda.healthy();
    Cli again = shadows(run, "cuda");
    assertThat(again.status()).as(again.text()).isZero();
    assertSameWeights(run);
  }

  @Test
  void aLossThatIsNoNumberHasACodeOfItsOwn() {
    Path weights = folder.resolve("w.safetensors");
    Cli train =
        Cli.run(
            "train", "--dataset", "cifar10", "--data", data.toString(), "--width", "4", "--epochs",
            "3", "--batch", "5", "--lr", "1e20", "--out", weights.toString(), "--device", "cuda");
    assertThat(train.status()).as(train.text()).isEqualTo(5);
    assertThat(train.err()).contains("loss").doesNotContain("\tat ");
    assertThat(weights).doesNotExist();
  }

  @Test
  void memoryThatRunsOutLeavesAFolderThatCanBeContinued() throws IOException {
    Path run = folder.resolve("run");
    EmulatedCuda.command("memory", 1 << 18);
    assertDeviceError(shadows(run, "cuda"), "cuda:0: ", "asked for", "in live buffers", "open scopes");
    EmulatedCuda.command("memory", 64L << 30);
    Cli again = shadows(run, "cuda");
    assertThat(again.status()).as(again.text()).isZero();
    assertSameWeights(run);
  }

  @Test
  void cudaNeverFallsBack() {
    Path run = folder.resolve("run");
    EmulatedCuda.command("devices", 0);
    assertDeviceError(shadows(run, "cuda"), "cuda cannot be used: ", "CUDA_ERROR_NO_DEVICE");
    EmulatedCuda.command("devices", 1);
    assertDeviceError(shadows(run, "cuda:4"), "cuda:4: no such device; there is cuda:0 alone");
    EmulatedCuda.command("version", 11040);
    assertDeviceError(shadows(run, "cuda"), "too old: it is for CUDA 11.4, expected 12.0");
    assertThat(run).doesNotExist();
  }

  @Test
  void oneModelTakesOneDevice() {
    EmulatedCuda.command("devices", 2);
    String out = folder.resolve("out").toString();
    for (String command :
        List.of(
            "train --dataset synthetic", "score --dataset synthetic --weights w --arch resnet8"
                + " --classes 10",
            "experiment precision", "experiment estimators")) {
      Cli cli = Cli.run((command + " --device cuda:all --out " + out).split(" "));
      assertThat(cli.status()).as(command + ": " + cli.text()).isEqualTo(2);
      assertThat(cli.err()).contains("expected one device for one model, got 2 by 'cuda:all'");
    }
  }

  @Test
  void devicesShowsEachAndWhatAutoTakes() {
    EmulatedCuda.command("devices", 2);
    Cli cli = Cli.run("devices");
    assertThat(cli.status()).isZero();
    assertThat(cli.out())
        .contains("cuda:0: ", "cuda:1: ", "compute capability 9.0", "driver for CUDA 12.6")
        .contains("convolutions and products in FP32, TF32X3, TF32, BF16")
        .contains("GPU-", "kernels: ", "cuBLAS: ", "cuDNN: ", "NVRTC: ")
        .contains("auto takes host: the driver is a substitute");
    EmulatedCuda.command("version", 11040);
    assertThat(Cli.run("devices").out()).contains("cuda: not used: the driver is too old");
  }
}
