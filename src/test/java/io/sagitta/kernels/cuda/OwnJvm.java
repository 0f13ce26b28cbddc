package io.sagitta.kernels.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Runs a class in a JVM of its own, since a process loads a native library once and keeps it. */
final class OwnJvm {
  private OwnJvm() {}

  /**
   * Runs {@code main} with the class path of the tests.
   *
   * @param folder where its output goes on the way
   * @param properties such as {@code sagitta.cuda.libraries=/folder}
   * @return what it said; the test fails unless it ended well
   */
  static String run(Path folder, Class<?> main, String... properties)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    if (Runtime.version().feature() >= 22) {
      command.add("--enable-native-access=ALL-UNNAMED");
    }
    command.add("-Dsagitta.root=" + System.getProperty("sagitta.root"));
    for (String property : properties) {
      command.add("-D" + property);
    }
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
    Path output = folder.resolve("output");
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    try {
      assertThat(process.waitFor(120, TimeUnit.SECONDS)).isTrue();
    } finally {
      process.destroyForcibly();
    }
    String said = Files.readString(output).strip();
    assertThat(process.exitValue()).as(said).isZero();
    return said;
  }
}
