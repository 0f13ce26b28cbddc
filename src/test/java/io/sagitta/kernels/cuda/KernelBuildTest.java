package io.sagitta.kernels.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What nvcc made of the kernels when the module was built. */
class KernelBuildTest {
  private static final Path ROOT = Path.of(System.getProperty("sagitta.root"));
  private static final Path TABLE = ROOT.resolve("kernels/target/cuda/ptxas.txt");
  private static final Pattern KERNEL =
      Pattern.compile("^SAGITTA_KERNEL\\((\\w+)\\)", Pattern.MULTILINE);
  private static final Pattern HOT = Pattern.compile("(matmul|\\w*conv2d\\w*)\\.cu");

  /** A line of the table: what ptxas says of a kernel on an architecture. */
  private record Row(String kernel, String architecture, int spillBytes, String file) {
    static Row of(String line) {
      String[] words = line.trim().split("\\s+");
      return new Row(words[0], words[1], Integer.parseInt(words[3]), words[6]);
    }
  }

  @BeforeEach
  void needsNvcc() {
    assumeTrue(Files.exists(TABLE), "nvcc was not there when the kernels were built");
  }

  @Test
  void everyKernelIsCompiledForEveryArchitecture() throws IOException {
    List<String> expected = new ArrayList<>();
    for (Path file : sources()) {
      Matcher kernel = KERNEL.matcher(Files.readString(file));
      while (kernel.find()) {
        expected.add(file.getFileName() + " " + kernel.group(1) + " sm_80");
        expected.add(file.getFileName() + " " + kernel.group(1) + " sm_90");
      }
    }
    assertThat(rows())
        .extracting(row -> row.file() + " " + row.kernel() + " " + row.architecture())
        .containsAll(expected);
  }

  @Test
  void filesOfWarpgroupsAreCompiledForHopperAlone() throws IOException {
    assertThat(rows())
        .filteredOn(row -> row.file().endsWith("_warpgroup.cu"))
        .isNotEmpty()
        .allMatch(row -> row.architecture().equals("sm_90a"));
  }

  /** Else each waits for the one before, and only ptxas says so. */
  @Test
  void productsOfWarpgroupsRunInTheBackground() throws IOException {
    for (Path file : sources()) {
      String log = file.getFileName().toString().replace(".cu", ".log");
      assertThat(Files.readString(TABLE.resolveSibling(log)))
          .as(log)
          .doesNotContain("wgmma.mma_async instructions are serialized");
    }
  }

  @Test
  void everyFileHasItsImageInTheJar() throws IOException {
    for (Path file : sources()) {
      String image = file.getFileName().toString().replace(".cu", ".fatbin");
      assertThat(KernelImages.resource(image)).as(image).isNotEmpty();
    }
    assertThat(KernelImages.architectures()).contains("sm_80", "sm_90", "compute_80");
  }

  @Test
  void productsAndConvolutionsDoNotSpill() throws IOException {
    List<Row> hot = rows().stream().filter(row -> HOT.matcher(row.file()).matches()).toList();
    assertThat(hot).filteredOn(row -> row.spillBytes() > 0).isEmpty();
  }

  private static List<Path> sources() throws IOException {
    try (Stream<Path> files = Files.list(ROOT.resolve("kernels/src/main/cuda"))) {
      return files.filter(file -> file.toString().endsWith(".cu")).toList();
    }
  }

  private static List<Row> rows() throws IOException {
    return Files.readAllLines(TABLE).stream().skip(1).map(Row::of).toList();
  }
}
