package io.sagitta.attack.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.sagitta.ChildJava;
import io.sagitta.attack.run.TinyCifar;
import io.sagitta.kernels.Devices;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code --master}: models handed to Spark, here in this process. */
class MasterTest {
  @TempDir Path folder;

  private Path audit(Path data, String name, String... more) {
    Path run = folder.resolve(name);
    String[] command = TinyCifar.options(data, "audit", "--out", run.toString());
    Cli cli =
        Cli.run(Stream.of(command, more).flatMap(Stream::of).toArray(String[]::new));
    assertThat(cli.status()).as(cli.text()).isZero();
    return run;
  }

  @Test
  void anAuditOnSparkIsTheOneWithoutIt() {
    Path data = TinyCifar.write(folder.resolve("data"), 8);
    int threads = Devices.hostThreads();
    Path spark = audit(data, "spark", "--master", "local[2]");
    assertThat(Devices.hostThreads()).as("as before").isEqualTo(threads);
    Path alone = audit(data, "alone", "--device", "host");
    for (int model = 0; model < 5; model++) {
      for (String kind : List.of("models", "scores")) {
        String file = String.format("%s/%04d.safetensors", kind, model);
        assertThat(spark.resolve(file)).hasSameBinaryContentAs(alone.resolve(file));
      }
    }
    assertThat(spark.resolve("attack.csv")).hasSameBinaryContentAs(alone.resolve("attack.csv"));
    assertThat(spark.resolve("run.json")).content().contains("at local[2], 1 executors");
  }

  @Test
  void whatACommandDoesNotHandOnIsSaid() {
    String run = folder.resolve("run").toString();
    Cli device = Cli.run("shadows", run, "--master", "local[2]", "--device", "cuda:1");
    assertThat(device.status()).isEqualTo(2);
    assertThat(device.err()).contains("expected auto, host or cuda on a cluster", "'cuda:1'");
    Cli elsewhere = Cli.run("shadows", run, "--master", "spark://nowhere:7077");
    assertThat(elsewhere.status()).isEqualTo(2);
    assertThat(elsewhere.err())
        .contains("spark-submit --master spark://nowhere:7077 --class io.sagitta.attack.Shadow");
    Cli unknown = Cli.run("shadows", run, "--master", "local[none]");
    assertThat(unknown.status()).isEqualTo(6);
    assertThat(unknown.err()).contains("master local[none]: cannot be used");
    assertThat(folder.resolve("run")).doesNotExist();
  }

  @Test
  void withoutSparkItIsSaidHowToGetIt() throws Exception {
    assertThat(withoutJars("spark-core_")).contains("expected Apache Spark on the class path");
    assertThat(withoutJars("spark-core_", "sagitta-spark", "spark/target"))
        .contains("expected the module sagitta-spark on the class path")
        .contains("./sagitta COMMAND --master local[*] ...")
        .contains("'spark-submit --master local[2] --class");
  }

  @Test
  void whatSparkThrowsIsALineAndNoStackTrace() throws Exception {
    // The tests' own settings keep Spark quiet.
    assertThat(shadows(6, "local[none]", "test-classes"))
        .contains("master local[none]: cannot be used")
        .doesNotContain("\tat ");
  }

  private String withoutJars(String... parts) throws Exception {
    return shadows(2, "local[2]", parts);
  }

  /** What a process says that is to end with a status, without some of the class path. */
  private String shadows(int status, String master, String... parts) throws Exception {
    String classPath =
        Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
            .filter(entry -> Stream.of(parts).noneMatch(entry::contains))
            .collect(Collectors.joining(File.pathSeparator));
    Path log = folder.resolve("log");
    Process process =
        new ProcessBuilder(
                ChildJava.command(
                    List.of(), classPath, "io.sagitta.attack.ShadowLauncher",
                    List.of(folder.resolve("run").toString(), "--master", master)))
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).isEqualTo(status);
    return Files.readString(log);
  }
}
