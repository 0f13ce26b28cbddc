package io.sagitta.attack.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** A machine for whose platform there are no natives. */
class NoNativesTest {
  @Test
  void devicesSaysThatPlainJavaServesAndWhy() throws Exception {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Dorg.bytedeco.javacpp.platform=linux-riscv64",
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName(),
                "devices")
            .redirectErrorStream(true)
            .start();
    process.getOutputStream().close();
    String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(printed).isZero();
    assertThat(printed)
        .contains("products by plain Java (oneDNN does not load on ")
        .contains("auto takes host")
        .doesNotContain("BF16");
  }
}
