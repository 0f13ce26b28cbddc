package io.sagitta.kernels.cuda;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** Builds the stand-in for NVRTC, {@code src/test/cpp/nvrtc}. */
final class StandInNvrtc {
  private StandInNvrtc() {}

  /** Builds the library in a folder; the test is skipped where there is no C++ compiler. */
  static Path build(Path folder) throws IOException, InterruptedException {
    Path source = Path.of(System.getProperty("sagitta.root"), "src/test/cpp/nvrtc/nvrtc.cpp");
    String compiler = System.getenv().getOrDefault("CXX", "g++");
    Path library = folder.resolve("libnvrtc.so.12");
    Process process;
    try {
      process =
          new ProcessBuilder(
                  compiler, "-std=c++17", "-O1", "-shared", "-fPIC",
                  "-Wl,-soname,libnvrtc.so.12", source.toString(), "-o", library.toString())
              .inheritIO()
              .start();
    } catch (IOException e) {
      assumeTrue(false, "no C++ compiler (CXX or g++) to build the stand-in for NVRTC: " + e);
      throw e;
    }
    if (!process.waitFor(60, TimeUnit.SECONDS) || process.exitValue() != 0) {
      throw new IOException(compiler + " did not build " + source);
    }
    return library;
  }
}
