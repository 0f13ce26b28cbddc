package io.sagitta.kernels.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Each case runs in a JVM of its own, since a JVM that has found a compiler keeps it. */
class NvrtcTest {
  private static final Path SOURCES =
      Path.of(System.getProperty("sagitta.root"), "kernels/src/main/cuda");

  @TempDir Path folder;

  @Test
  void compilesForTheDeviceOrForTheNewestArchitectureBelowIt() throws Exception {
    StandIn.build("nvrtc/nvrtc.cpp", "libnvrtc.so.12", folder);
    assertThat(run(Compile.class)).isEqualTo("done");
  }

  /** What the first test does in its own JVM. */
  static final class Compile {
    private Compile() {}

    public static void main(String[] args) {
      Nvrtc nvrtc = Nvrtc.find();
      assertThat(nvrtc.version()).isEqualTo("12.6");
      assertThat(nvrtc.target(90)).isEqualTo("sm_90");
      assertThat(nvrtc.target(89)).isEqualTo("compute_80");
      assertThat(nvrtc.target(120)).isEqualTo("compute_90");
      assertThatThrownBy(() -> nvrtc.target(75)).hasMessageContaining("no architecture up to sm_75");

      KernelSource source = KernelSource.read("elementwise");
      assertThat(source.headers()).containsKey("device.cuh");
      String echoed =
          "--gpu-architecture=sm_90\n--std=c++17\n" + String.join("\n", source.headers().keySet())
              + "\n" + source.text();
      assertThat(nvrtc.compile(source, "sm_90")).asString().isEqualTo(echoed);
      assertThat(nvrtc.compile(source, "compute_80"))
          .isEqualTo((echoed.replace("sm_90", "compute_80") + "\0").getBytes(StandardCharsets.UTF_8));

      KernelSource broken = new KernelSource("broken", "#error planted\n", Map.of());
      assertThatThrownBy(() -> nvrtc.compile(broken, "sm_90"))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContainingAll("broken.cu", "sm_90", "NVRTC_ERROR_COMPILATION", "#error planted");
      System.out.println("done");
    }
  }

  /** It knows none of C's headers, so device.cuh says what they would. */
  @Test
  void everyTypeOfAFixedWidthIsDefinedForIt() throws IOException {
    Pattern type = Pattern.compile("\\bu?int\\d+_t\\b");
    List<Path> files;
    try (Stream<Path> all = Files.list(SOURCES)) {
      files = all.filter(file -> file.toString().matches(".*\\.cuh?")).toList();
    }
    Set<String> used = new TreeSet<>();
    for (Path file : files) {
      type.matcher(Files.readString(file)).results().map(MatchResult::group).forEach(used::add);
    }
    String device = Files.readString(SOURCES.resolve("device.cuh"));
    assertThat(used)
        .contains("uint32_t")
        .allSatisfy(name -> assertThat(device).containsPattern("\ntypedef [a-z ]+ " + name + ";"));
  }

  @Test
  void saysWhatItLookedForWhenThereIsNone() throws Exception {
    assertThat(run(Absence.class))
        .contains("null", "libnvrtc.so.12");
  }

  /** What the second test does in its own JVM. */
  static final class Absence {
    private Absence() {}

    public static void main(String[] args) {
      System.out.println(Nvrtc.find() + " " + Nvrtc.absence());
    }
  }

  private String run(Class<?> main) throws Exception {
    return StandIn.java(List.of("-D" + LibrarySearch.PROPERTY + "=" + folder), main);
  }
}
