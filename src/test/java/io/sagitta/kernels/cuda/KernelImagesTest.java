package io.sagitta.kernels.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Images that the build does not have, on the emulated driver. */
class KernelImagesTest {
  @TempDir Path folder;

  @BeforeEach
  void needsTheDriver() {
    String absent = EmulatedCuda.whyAbsent();
    assumeTrue(absent == null, absent);
  }

  @Test
  void nvrtcCompilesWhatIsMissingOnceForAllProcesses() throws Exception {
    StandIn.build("nvrtc/nvrtc.cpp", "libnvrtc.so.12", folder);
    assertThat(run(Compile.class)).isEqualTo("loaded");
    Path image = onlyEntry();
    assertThat(Files.readString(image, StandardCharsets.ISO_8859_1))
        .contains("--gpu-architecture=sm_90", "affine_f32");
    FileTime written = Files.getLastModifiedTime(image);
    assertThat(run(Compile.class)).isEqualTo("loaded");
    assertThat(onlyEntry()).isEqualTo(image);
    assertThat(Files.getLastModifiedTime(image)).isEqualTo(written);
  }

  /** Products of warpgroups are not among what {@code sm_90}, without the a, understands. */
  @Test
  void nvrtcCompilesAFileForTheOnlyArchitectureThatItIsFor() throws Exception {
    StandIn.build("nvrtc/nvrtc.cpp", "libnvrtc.so.12", folder);
    assertThat(run(CompileForOne.class)).isEqualTo("loaded");
    assertThat(Files.readString(onlyEntry(), StandardCharsets.ISO_8859_1))
        .contains("--gpu-architecture=sm_90a\n", "conv2d_warpgroup_");
  }

  private Path onlyEntry() throws Exception {
    try (Stream<Path> entries = Files.list(folder.resolve("cache"))) {
      List<Path> all = entries.toList();
      assertThat(all).hasSize(1);
      return all.get(0);
    }
  }

  /** Loads a kernel as if the build had no image of it. */
  static final class Compile {
    private Compile() {}

    public static void main(String[] args) {
      load("elementwise");
    }

    static void load(String file) {
      try (CudaSession session = new CudaSession(0)) {
        session.attach();
        KernelImages images = new KernelImages(session.device().handle());
        images.compiled(file, "none is wanted");
        System.out.println("loaded");
      }
    }
  }

  static final class CompileForOne {
    private CompileForOne() {}

    public static void main(String[] args) {
      Compile.load("conv2d_warpgroup");
    }
  }

  @Test
  void withoutImageAndCompilerTheErrorSaysWhatThereIsAndWhatToDo() throws Exception {
    assertThat(run(Missing.class)).isEqualTo("said");
  }

  /** Asks for an image where there is neither one nor a compiler. */
  static final class Missing {
    private Missing() {}

    public static void main(String[] args) {
      try (CudaSession session = new CudaSession(0)) {
        session.attach();
        KernelImages images = new KernelImages(session.device().handle());
        assertThatThrownBy(() -> images.compiled("elementwise", "there are sm_80, sm_70"))
            .isInstanceOf(CudaException.class)
            .hasMessageContainingAll(
                "elementwise.cu", "no image for sm_90", "there are sm_80, sm_70", "NVRTC",
                "libnvrtc.so", "build with nvcc");
        System.out.println("said");
      }
    }
  }

  private String run(Class<?> main) throws Exception {
    List<String> options = new ArrayList<>();
    options.add("-D" + LibrarySearch.PROPERTY + "=" + folder);
    options.add("-D" + ImageCache.PROPERTY + "=" + folder.resolve("cache"));
    String driver = System.getProperty(CudaDriver.SUBSTITUTE_PROPERTY);
    options.add("-D" + CudaDriver.SUBSTITUTE_PROPERTY + "=" + driver);
    return StandIn.java(options, main);
  }
}
