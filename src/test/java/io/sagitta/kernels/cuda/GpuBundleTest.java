package io.sagitta.kernels.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sagitta.ChildJava;
import io.sagitta.attack.run.ScoreFiles;
import io.sagitta.attack.run.ScoreSet;
import io.sagitta.attack.run.Signal;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The bundle for GPU hosts, moved away from this checkout and run without a Java of this machine's, on
 * the emulated driver.
 */
class GpuBundleTest {
  private static final Path ROOT =
      Path.of(System.getProperty("sagitta.root")).toAbsolutePath().normalize();
  private static final Path JAVA_HOME = Path.of(System.getProperty("java.home"));
  private static final long MOST_BYTES = 44L << 20;
  private static final long MOST_MINUTES = 15;

  /** What run.sh may use of a machine. */
  private static final List<String> TOOLS =
      List.of(
          "bash", "env", "dirname", "mkdir", "tee", "cat", "ls", "head", "tar", "xz", "mv", "rm",
          "timeout", "split");

  private static final int RECORD_BYTES = 3074;
  private static final int RECORDS = 4000;
  private static final String ARCHIVE = "images.tar.xz";

  @TempDir static Path folder;
  private static Path bundle;
  private static String said;

  /** Bytes of every file before the first run, which unpacks some. */
  private static Map<String, Long> carried;

  @BeforeAll
  static void make() throws Exception {
    String absent = EmulatedCuda.whyAbsent();
    assumeTrue(absent == null, absent);
    assumeTrue(EmulatedBuild.isPossible(), "no sources here: this is a bundle");
    assumeTrue(
        Files.exists(ROOT.resolve("kernels/target/cuda/ptxas.txt")),
        "nvcc was not there when the kernels were built");
    assumeTrue(
        Runtime.version().feature() == 17 && Files.exists(JAVA_HOME.resolve("bin/jlink")),
        "bundles are made by a JDK 17");
    Path made = folder.resolve("made");
    said =
        bundleSh(
            0, "--quick", "--out", made.toString(), "--classpath", System.getProperty("java.class.path"),
            "--data", archive().toString(), "--records", Integer.toString(RECORDS));
    bundle = Files.move(made, folder.resolve("a bundle"));
    try (Stream<Path> files = Files.walk(bundle)) {
      carried =
          files
              .filter(Files::isRegularFile)
              .collect(Collectors.toMap(f -> bundle.relativize(f).toString(), f -> f.toFile().length()));
    }
  }

  private static String bundleSh(int status, String... arguments) throws Exception {
    List<String> command =
        new ArrayList<>(List.of(ROOT.resolve("bench/gpu/bundle.sh").toString()));
    command.addAll(List.of(arguments));
    return run(
        status, Map.of("PATH", System.getenv("PATH"), "JAVA_HOME", JAVA_HOME.toString()),
        command.toArray(String[]::new));
  }

  /** Grey images in CIFAR-100's layout, of every class in turn; the last is not taken along. */
  private static Path archive() throws Exception {
    Path images = Files.createDirectories(folder.resolve("images"));
    byte[] bytes = new byte[(RECORDS + 1) * RECORD_BYTES];
    for (int i = 0; i <= RECORDS; i++) {
      bytes[i * RECORD_BYTES + 1] = (byte) (i % 100);
    }
    Files.write(images.resolve("train.bin"), bytes);
    Path archive = folder.resolve(ARCHIVE);
    run(
        0, Map.of("PATH", System.getenv("PATH")), "tar", "-cJf", archive.toString(), "-C",
        folder.toString(), "images");
    return archive;
  }

  @Test
  void itIsSmallAndHasNothingOfTheHosts() {
    assertThat(carried.keySet())
        .contains("run.sh", "jre.txz", "data/train.bin.xz", "data/records")
        .noneMatch(file -> file.startsWith("lib/dnnl-") || file.endsWith("/libc.so"));
    assertThat(carried.values().stream().mapToLong(bytes -> bytes).sum())
        .isLessThanOrEqualTo(MOST_BYTES);
  }

  @Test
  void everySuiteThatRunsUnaskedIsATestThatIsCarried() throws Exception {
    List<String> suites =
        Files.readAllLines(bundle.resolve("run.sh")).stream()
            .filter(line -> line.startsWith("suites="))
            .flatMap(line -> Stream.of(line.replaceAll("suites=|\\$suites|[\"']", "").split("\\|")))
            .filter(suite -> !suite.isEmpty())
            .toList();
    assertThat(suites).contains("BackendConformance", "Bf16Network").doesNotHaveDuplicates();
    assertThat(suites)
        .allSatisfy(
            suite ->
                assertThat(carried.keySet()).anyMatch(f -> f.endsWith("/" + suite + "Test.class")));
  }

  @Test
  void everyKindOfStageRunsWithoutJavaOfTheMachines() throws Exception {
    Path out = folder.resolve("results of it");
    String said =
        runSh(
            0, "--out", out.toString(), "--quick", "--tests", "KernelGolden", "--at-once", "1",
            "--only",
            "devices,tests,accuracy,launches,layers-tf32,models-bf16,estimators,shadows");
    assertThat(said).contains("== devices: exit code 0", "== tests: exit code 0", " 0 tests failed");
    for (String stage : List.of("accuracy", "launches", "zero-order", "estimators")) {
      assertThat(json(out, stage)).isNotEmpty();
    }
    assertThat(json(out, "accuracy").get("rows")).hasSize(11);
    JsonNode layers = json(out, "layers-tf32");
    assertThat(layers.get("commit").asText()).isNotEmpty();
    assertThat(layers.get("device").asText()).contains("libcuda.so.1");
    assertThat(layers.findValues("median_tflop_per_s")).hasSize(3);
    JsonNode models = json(out, "models-bf16");
    assertThat(models.findValues("median_samples_per_s")).hasSize(1);
    assertThat(models.findValue("counts").asBoolean()).isTrue();
    assertThat(said).contains(RECORDS + " records of CIFAR-100, each 5 times");
    assertThat(bundle.resolve("data/train.bin")).hasSize(5L * RECORDS * RECORD_BYTES);
    JsonNode shadows = json(out, "shadows");
    assertThat(shadows.get("dataset").asText()).isEqualTo("cifar100");
    assertThat(shadows.findValues("full_models_per_hour"))
        .singleElement()
        .satisfies(rate -> assertThat(rate.asDouble()).isPositive());
  }

  /** From records that came by themselves; what comes back is enough for attacks elsewhere. */
  @Test
  void theColumnsScoresComeBack() throws Exception {
    Path data = folder.resolve("data sent before");
    String made =
        bundleSh(
            0, "--data-only", "--quick", "--out", data.toString(), "--data",
            folder.resolve(ARCHIVE).toString(), "--records", "30");
    assertThat(made).contains(data + ": 1 MB");
    assertThat(data.toFile().list()).containsExactlyInAnyOrder("train.bin.xz", "records");
    Path out = folder.resolve("column");
    String said =
        runSh(
            0, "--out", out.toString(), "--only", "column", "--data", data.toString(), "--at-once",
            "1");
    assertThat(said).contains("3 of 3 models are trained", "== column: exit code 0");
    assertThat(bundle.resolve("column-2-1-1-2/models/0002.safetensors")).isNotEmptyFile();
    Path run = Files.createDirectories(folder.resolve("what came back"));
    run(
        0, Map.of("PATH", System.getenv("PATH")), "tar", "-C", run.toString(), "-xf",
        out.resolve("column.tar.0").toString());
    assertThat(run.resolve("models")).doesNotExist();
    assertThat(json(run, "run").get("configuration").get("train_samples").asInt()).isEqualTo(8);
    ScoreSet scores =
        ScoreFiles.read(
            run.resolve("masks.safetensors"), run.resolve("scores"), EnumSet.of(Signal.CURV_ZO));
    assertThat(scores.samples()).isEqualTo(2);
    for (int model = 0; model < 3; model++) {
      assertThat(scores.has(Signal.CURV_ZO, model)).as("model %d", model).isTrue();
    }
  }

  @Test
  void theTracerIsThereWhereCuptiIs() throws Exception {
    assertThat(Files.exists(bundle.resolve("trace.txz")))
        .as("either carried or said to be missing: %s", said)
        .isNotEqualTo(said.contains("No tracer: found no CUPTI"));
    Path out = folder.resolve("no trace");
    assertThat(runSh(1, "--out", out.toString(), "--only", "trace"))
        .contains("trace: expected NVIDIA's driver", "== trace: exit code 1");
    Path cuda = GpuTraceTest.cuda();
    assumeTrue(cuda != null, GpuTraceTest.NO_CUPTI);
    Path unpacked = Files.createDirectories(folder.resolve("unpacked"));
    run(
        0, Map.of("PATH", System.getenv("PATH")), "tar", "-xf", bundle.resolve("trace.txz").toString(),
        "-C", unpacked.toString());
    Path tracer = unpacked.resolve("trace/libtrace.so");
    String needed = run(0, Map.of("PATH", System.getenv("PATH")), "ldd", tracer.toString());
    assertThat(needed)
        .contains("libcupti.so.13 => " + unpacked.resolve("trace/libcupti.so.13").toRealPath())
        .doesNotContain("not found");
  }

  @Test
  void aBundleWithoutTestsSaysSo() throws Exception {
    Path tests = bundle.resolve("tests");
    Path away = Files.move(tests, folder.resolve("tests"));
    try {
      assertThat(runSh(2, "--only", "devices,launches"))
          .contains("launches: expected", "found a bundle without");
    } finally {
      Files.move(away, tests);
    }
  }

  @Test
  void aStageThatFailsShowsAndTheOthersRun() throws Exception {
    Path out = folder.resolve("failures");
    String said =
        runSh(1, "--out", out.toString(), "--only", "devices,tests,launches", "--tests", "NoSuch");
    assertThat(said).contains("== tests: exit code 2", "== launches: exit code 0");
    assertThat(json(out, "launches").get("launch_4").get("nanos").asDouble()).isPositive();
  }

  @Test
  void wrongUseIsExplained() throws Exception {
    assertThat(runSh(2, "--only", "devices,tset")).contains("--only: expected", "got tset");
    assertThat(runSh(2, "--out")).contains("--out: expected a value");
    assertThat(runSh(2, "--fast")).contains("expected --out,", "got --fast");
    assertThat(runSh(2, "--column", "2,1,1"))
        .contains("--column: expected SHADOWS,TARGETS,EPOCHS,SAMPLES, got 2,1,1");
    assertThat(runSh(2, "--limits", "0,5")).contains("--limits: expected seconds", "got 0,5");
    assertThat(runSh(2, "--data", "nowhere")).contains("--data: expected", "nowhere/records");
    assertThat(bundleSh(1, "--data-only")).contains("--data-only: expected --data ARCHIVE");
    assertThat(bundleSh(1, "--records", "none")).contains("--records: expected a number", "got none");
    assertThat(bundleSh(1, "--data", "nowhere")).contains("--data: expected an archive", "nowhere");
  }

  private static JsonNode json(Path out, String name) throws IOException {
    return new ObjectMapper().readTree(out.resolve(name + ".json").toFile());
  }

  /** Runs run.sh where nothing is on the path but {@link #TOOLS}. */
  private static String runSh(int status, String... arguments) throws Exception {
    Path tools = Files.createDirectories(folder.resolve("tools"));
    for (String tool : TOOLS) {
      Path script = tools.resolve(tool);
      Files.writeString(script, "#!/bin/sh\nexec " + find(tool) + " \"$@\"\n");
      assertThat(script.toFile().setExecutable(true)).isTrue();
    }
    List<String> command = new ArrayList<>(List.of(bundle.resolve("run.sh").toString()));
    command.addAll(List.of(arguments));
    String driver = System.getProperty(CudaDriver.SUBSTITUTE_PROPERTY);
    Map<String, String> environment =
        Map.of(
            "PATH", tools.toString(), "HOME", folder.toString(), "PYTHON", "no-python",
            "SAGITTA_CUDA_DRIVER", Path.of(driver).toAbsolutePath().toString(),
            "JDK_JAVA_OPTIONS", String.join(" ", ChildJava.SHORT_LIVED));
    return run(status, environment, command.toArray(String[]::new));
  }

  private static Path find(String tool) {
    return Stream.of(System.getenv("PATH").split(":"))
        .map(place -> Path.of(place, tool))
        .filter(Files::isExecutable)
        .findFirst()
        .orElseThrow(() -> new IllegalStateException("no " + tool + " on the path"));
  }

  private static String run(int status, Map<String, String> environment, String... command)
      throws IOException, InterruptedException {
    Path output = Files.createTempFile(folder, "said", ".txt");
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile());
    builder.environment().clear();
    builder.environment().putAll(environment);
    Process process = builder.start();
    boolean ended = process.waitFor(MOST_MINUTES, TimeUnit.MINUTES);
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly();
    String said = Files.readString(output);
    assertThat(ended).as("ended in %d min: %s", MOST_MINUTES, said).isTrue();
    assertThat(process.exitValue()).as(said).isEqualTo(status);
    return said;
  }
}
