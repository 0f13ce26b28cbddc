package io.sagitta.kernels.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The tables of the bundle's tracer, made of records that a stand-in for CUPTI hands it. */
class GpuTraceTest {
  static final String NO_CUPTI = "no CUPTI of CUDA 13 in CUDA_HOME or /usr/local/cuda";

  private static final Path ROOT = Path.of(System.getProperty("sagitta.root")).toAbsolutePath();

  @TempDir static Path folder;
  private static Path program;

  /** The folder of a CUDA that has what the tracer is built with, or null. */
  static Path cuda() {
    return Stream.of(System.getenv("CUDA_HOME"), "/usr/local/cuda")
        .filter(place -> place != null && Files.exists(Path.of(place, "include/cupti.h")))
        .map(Path::of)
        .filter(place -> Files.exists(place.resolve("lib/libcupti.so.13")))
        .findFirst()
        .orElse(null);
  }

  @BeforeAll
  static void build() throws Exception {
    assumeTrue(EmulatedBuild.isPossible(), "no sources here: this is a bundle");
    assumeTrue(cuda() != null, NO_CUPTI);
    program = folder.resolve("program");
    said(
        Map.of(), "g++", "-std=c++17", "-Wall", "-Wextra", "-Werror", "-isystem",
        cuda().resolve("include").toString(), "-o", program.toString(),
        ROOT.resolve("bench/gpu/trace.cpp").toString(),
        ROOT.resolve("src/test/cpp/cupti/cupti.cpp").toString());
  }

  @Test
  void timesAreSummedUpAndOverlapsCountOnceAsBusy() throws Exception {
    assertThat(said(Map.of(), program.toString()))
        .containsExactly(
            "from 0 to 100 % of the span: 2.000 ms, busy 1.250 ms (62.5 %), 12 kernels and copies",
            "",
            "share ms calls mean µs kernel",
            "66.67 % 1.000 10 100.00 own_kernel",
            "26.67 % 0.400 1 400.00 lib::gemm(int)",
            "6.67 % 0.100 1 100.00 (copy to the host)",
            "",
            "share ms calls mean µs kernel grid * block",
            "66.67 % 1.000 10 100.00 own_kernel 7x2x1 * 128, 40 registers",
            "26.67 % 0.400 1 400.00 lib::gemm(int) 7x2x1 * 128, 40 registers",
            "6.67 % 0.100 1 100.00 (copy to the host)");
  }

  /** From 400 to 1200 µs: three pairs, and half of the library's kernel, which counts as a row whole. */
  @Test
  void aWindowIsCutOut() throws Exception {
    Path table = folder.resolve("table.txt");
    Path csv = folder.resolve("records.csv");
    Map<String, String> variables =
        Map.of(
            "TRACE_FROM", "20", "TRACE_TO", "60", "TRACE_TABLE", table.toString(), "TRACE_CSV",
            csv.toString(), "TRACE_ROWS", "1");
    assertThat(said(variables, program.toString())).isEmpty();
    assertThat(Files.readAllLines(table).stream().map(GpuTraceTest::squeezed))
        .startsWith(
            "from 20 to 60 % of the span: 0.800 ms, busy 0.650 ms (81.2 %), 7 kernels and copies",
            "",
            "share ms calls mean µs kernel",
            "60.00 % 0.600 6 100.00 own_kernel",
            "40.00 % 0.400 1 400.00 1 others");
    assertThat(Files.readAllLines(csv))
        .hasSize(1 + 7)
        .contains("50000,100000,7,2,1,128,1,1,40,0,0,0,\"own_kernel\"");
  }

  @Test
  void whatIsIncompleteMakesNoTable() throws Exception {
    assertThat(said(Map.of("STAND_IN_DROPS", "1"), program.toString()))
        .containsExactly("trace: 3 records were dropped: expected none");
    assertThat(said(Map.of("TRACE_FROM", "96"), program.toString()))
        .containsExactly(
            "trace: nothing began between 96 and 100 % of the span: expected TRACE_FROM < TRACE_TO");
  }

  /** The lines that a program says, blanks squeezed. */
  private static List<String> said(Map<String, String> variables, String... command)
      throws IOException, InterruptedException {
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.redirectErrorStream(true).environment().putAll(variables);
    Process process = builder.start();
    String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(text).isZero();
    return text.lines().map(GpuTraceTest::squeezed).toList();
  }

  private static String squeezed(String line) {
    return line.strip().replaceAll(" +", " ");
  }
}
