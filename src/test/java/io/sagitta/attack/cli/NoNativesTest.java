package io.sagitta.attack.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.sagitta.ChildJava;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A machine for whose platform there are no natives, or no driver. */
class NoNativesTest {
  @TempDir Path folder;

  /** Runs a command in a virtual machine of its own, which ends with a status. */
  private static String run(int status, String option, String... command) throws Exception {
    List<String> all =
        ChildJava.command(
            List.of(option), System.getProperty("java.class.path"), Main.class.getName(),
            List.of(command));
    Process process = new ProcessBuilder(all).redirectErrorStream(true).start();
    process.getOutputStream().close();
    String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(printed).isEqualTo(status);
    assertThat(printed).doesNotContain("\tat ");
    return printed;
  }

  @Test
  void devicesSaysThatPlainJavaServesAndWhy() throws Exception {
    assertThat(run(0, "-Dorg.bytedeco.javacpp.platform=linux-riscv64", "devices"))
        .contains("products by plain Java (oneDNN does not load on ")
        .contains("auto takes ")
        .containsPattern("host: .*\\n.* in FP32\\n");
  }

  @Test
  void aPlatformWithoutJCudasNativesIsNamed() throws Exception {
    assertThat(run(0, "-Dos.arch=aarch64", "devices"))
        .contains("cuda: not used: JCuda's natives are for Linux on x86-64, and this is Linux on")
        .contains("auto takes host: JCuda's natives are for Linux");
  }

  @Test
  void aDriverThatIsNoneIsNamed() throws Exception {
    Path none = Files.writeString(folder.resolve("libcuda.so.1"), "not a library");
    String option = "-Dsagitta.cuda.driver=" + none;
    assertThat(run(0, option, "devices"))
        .contains("cuda: not used: the driver does not load: " + none)
        .contains("auto takes host");
    String run = folder.resolve("run").toString();
    assertThat(run(6, option, "demo", "--out", run, "--device", "cuda"))
        .contains("sagitta: cuda cannot be used: the driver does not load: " + none);
    assertThat(folder.resolve("run")).doesNotExist();
  }
}
