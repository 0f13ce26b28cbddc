package io.sagitta.attack.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The start script, as far as it goes without building. */
class ScriptTest {
  private static final Path SCRIPT =
      Path.of(System.getProperty("sagitta.root", "../..")).resolve("sagitta");

  @TempDir Path folder;

  @BeforeEach
  void needsBash() {
    assumeTrue(
        Files.isExecutable(Path.of("/bin/bash")), "there is no bash here to run the script");
  }

  private String run(int expectedStatus, Map<String, String> environment, String... command)
      throws IOException, InterruptedException {
    Path output = folder.resolve("output");
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile());
    builder.environment().putAll(environment);
    Process process = builder.start();
    assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
    String text = Files.readString(output);
    assertThat(process.exitValue()).as(text).isEqualTo(expectedStatus);
    return text;
  }

  private Path jdk(String version) throws IOException {
    Path home = folder.resolve("jdk-" + version);
    Files.createDirectories(home.resolve("bin"));
    Path java = home.resolve("bin/java");
    Files.writeString(java, "#!/bin/sh\necho 'openjdk version \"" + version + "\"' >&2\n");
    assertThat(java.toFile().setExecutable(true)).isTrue();
    return home;
  }

  @Test
  void itIsExecutableAndParses() throws Exception {
    assertThat(SCRIPT).isExecutable();
    run(0, Map.of(), "/bin/bash", "-n", SCRIPT.toString());
  }

  @Test
  void anOldJavaIsRefused() throws Exception {
    for (String version : List.of("11.0.2", "1.8.0_392")) {
      Path home = jdk(version);
      String text = run(1, Map.of("JAVA_HOME", home.toString()), SCRIPT.toString(), "--help");
      assertThat(text)
          .contains("Java 17 or newer is needed", version.startsWith("1.8") ? "8;" : "11;");
      Files.writeString(home.resolve("release"), "JAVA_VERSION=\"" + version + "\"\n");
      run(1, Map.of("JAVA_HOME", home.toString()), SCRIPT.toString(), "--help");
    }
  }

  @Test
  void aWrongJavaHomeIsNamed() throws Exception {
    String text = run(1, Map.of("JAVA_HOME", folder.toString()), SCRIPT.toString(), "--help");
    assertThat(text).contains("JAVA_HOME is " + folder, "no bin/java");
  }
}
