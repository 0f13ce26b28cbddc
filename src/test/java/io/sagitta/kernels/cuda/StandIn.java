package io.sagitta.kernels.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Libraries that take the place of NVIDIA's, built from {@code src/test/cpp}, and processes of their
 * own to load them in, since a process keeps the first library of a name.
 */
final class StandIn {
  private static final long SECONDS = 120;

  private StandIn() {}

  /**
   * Builds a library.
   *
   * @param source a file in {@code src/test/cpp}
   * @param name what the library calls itself
   * @param flags of the compiler
   * @return the library in {@code folder}; the test is skipped where there is no C++ compiler
   */
  static Path build(String source, String name, Path folder, String... flags)
      throws IOException, InterruptedException {
    String compiler = EmulatedBuild.compiler();
    assumeTrue(compiler != null, "no C++17 compiler (tried $CXX, g++, clang++, c++)");
    Path library = folder.resolve(name);
    List<String> command =
        new ArrayList<>(
            List.of(
                compiler, "-std=c++17", "-O2", "-shared", "-fPIC", "-Wl,-soname," + name,
                Path.of(System.getProperty("sagitta.root"), "src/test/cpp", source).toString(),
                "-o", library.toString(), "-ldl"));
    Collections.addAll(command, flags);
    run(command);
    return library;
  }

  /**
   * Runs a main class in a Java process on the same class path.
   *
   * @param options of the virtual machine
   * @return what it printed; the test fails if it fails
   */
  static String java(List<String> options, Class<?> main, String... args) throws Exception {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    if (Runtime.version().feature() >= 22) {
      command.add("--enable-native-access=ALL-UNNAMED");
    }
    command.addAll(options);
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
    Collections.addAll(command, args);
    return run(command);
  }

  private static String run(List<String> command) throws IOException, InterruptedException {
    Path output = Files.createTempFile("said", ".txt");
    try {
      Process process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(output.toFile())
              .start();
      boolean ended = process.waitFor(SECONDS, TimeUnit.SECONDS);
      process.destroyForcibly();
      String said = Files.readString(output).strip();
      assertThat(ended).as("ended in %d s: %s%n%s", SECONDS, command, said).isTrue();
      assertThat(process.exitValue()).as("%s%n%s", command, said).isZero();
      return said;
    } finally {
      Files.delete(output);
    }
  }
}
