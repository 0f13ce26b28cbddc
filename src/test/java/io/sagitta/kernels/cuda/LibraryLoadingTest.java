package io.sagitta.kernels.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.sagitta.kernels.Backend;
import io.sagitta.kernels.Precision;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How libraries are found and bound; each case in a JVM of its own. */
class LibraryLoadingTest {
  @TempDir Path folder;
  private String driver;

  @BeforeEach
  void findTheDriver() {
    String absent = EmulatedCuda.whyAbsent();
    assumeTrue(absent == null, "no emulated driver: " + absent);
    driver = CudaDriver.SUBSTITUTE_PROPERTY + "=" + System.getProperty(CudaDriver.SUBSTITUTE_PROPERTY);
  }

  @Test
  void cuda13sLibraryIsCalledByRelinkedNatives() throws Exception {
    Path library = StandInLibraries.buildCublas(folder, 13);
    Files.delete(StandInLibraries.buildCublas(folder, 12));
    String said = run(Multiply.class, "cublas");
    assertThat(said.lines())
        .containsExactly(
            "cuBLAS: 13.6, " + library + ", by relinked natives",
            "NVRTC: not used: there is no libnvrtc.so.12 or libnvrtc.so.13 in " + folder,
            "cuDNN: not used: there is no libcudnn.so.9 in " + folder,
            "by the library: 6.0");
  }

  /** Multiplies 2 by 3 by cuBLAS, which must not leave files behind. */
  static final class Multiply {
    private Multiply() {}

    public static void main(String[] args) {
      CudaLibraries.report().forEach(System.out::println);
      File temporary = new File(System.getProperty("java.io.tmpdir"));
      assertThat(temporary.list((d, name) -> name.startsWith("sagitta-natives"))).isEmpty();
      try (Backend backend = CudaBackend.open(0)) {
        float product = LibraryPrecisionTest.product(backend, Precision.FP32, 2, 3);
        assertThat(StandInLibraries.products()).isPositive();
        System.out.println("by the library: " + product);
      }
    }
  }

  @Test
  void aLibraryThatIsAskedForAndNotThereIsAnError() throws Exception {
    assertThat(run(Insist.class, "cudnn"))
        .contains("sagitta.cuda.products=cudnn: cuDNN: not used: there is no libcudnn.so.9");
  }

  @Test
  void aFileThatIsNoLibraryIsNamed() throws Exception {
    Files.writeString(folder.resolve("libcudnn.so.9"), "not a library");
    assertThat(run(Insist.class, "cudnn")).contains("cuDNN: not used:", "libcudnn.so.9");
  }

  @Test
  void aWordThatIsNoneIsAnError() throws Exception {
    assertThat(run(Insist.class, "cudnn,auto"))
        .contains("sagitta.cuda.products: expected own, auto,", "got 'cudnn,auto'");
  }

  /** Opens a backend that cannot be opened. */
  static final class Insist {
    private Insist() {}

    public static void main(String[] args) {
      assertThatThrownBy(() -> CudaBackend.open(0))
          .isInstanceOfAny(IllegalStateException.class, IllegalArgumentException.class)
          .satisfies(e -> System.out.println(e.getMessage()));
    }
  }

  private String run(Class<?> main, String products) throws Exception {
    Path temporary = Files.createDirectories(folder.resolve("tmp"));
    List<String> options =
        List.of(
            "-D" + driver, "-D" + LibrarySearch.PROPERTY + "=" + folder,
            "-D" + ProductMakers.PROPERTY + "=" + products, "-Djava.io.tmpdir=" + temporary);
    return StandIn.java(options, main);
  }
}
