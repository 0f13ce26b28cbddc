package io.sagitta.kernels.cuda;

import io.sagitta.kernels.Backend;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import jcuda.jcublas.JCublas2;
import jcuda.jcudnn.JCudnn;

/**
 * The stand-ins for cuBLAS and cuDNN, {@code src/test/cpp/cublas} and {@code cudnn}, which compute
 * on the emulated driver's memory.
 */
public final class StandInLibraries {
  private static Path folder;

  private StandInLibraries() {}

  /** Why they cannot be used, or null. */
  public static String whyAbsent() {
    return EmulatedCuda.whyAbsent();
  }

  /** A backend on the emulated driver that uses the libraries wherever it can. */
  public static synchronized Backend open() {
    try {
      if (folder == null) {
        Path target = Path.of(System.getProperty("sagitta.root"), "src/test/target");
        Path made = Files.createDirectories(target.resolve("stand-ins"));
        buildCublas(made, 12);
        build(made, "cudnn", "libcudnn.so.9");
        folder = made;
      }
    } catch (IOException e) {
      throw new IllegalStateException("cannot build the stand-ins", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted: building the stand-ins", e);
    }
    System.setProperty(LibrarySearch.PROPERTY, folder.toString());
    System.setProperty(ProductMakers.PROPERTY, "cublas,cudnn");
    try {
      return EmulatedCuda.open();
    } finally {
      System.clearProperty(LibrarySearch.PROPERTY);
      System.clearProperty(ProductMakers.PROPERTY);
    }
  }

  /** How many calls of cuBLAS have computed something. */
  public static long products() {
    return JCublas2.cublasGetCudartVersion();
  }

  /** How many calls of cuDNN have computed something. */
  public static long convolutions() {
    return JCudnn.cudnnGetCudartVersion();
  }

  /** Builds libcublas of CUDA 12 or 13. */
  static Path buildCublas(Path folder, int version) throws IOException, InterruptedException {
    return build(folder, "cublas", "libcublas.so." + version, "-DVERSION=" + version);
  }

  private static Path build(Path folder, String name, String soname, String... flags)
      throws IOException, InterruptedException {
    // The symbols carry the library's name as their version, as NVIDIA's do.
    Path versions = folder.resolve(soname + ".map");
    Files.writeString(versions, soname + " { global: " + name + "*; local: *; };\n");
    List<String> all = new ArrayList<>(List.of(flags));
    all.add("-Wl,--version-script=" + versions);
    String source = name + "/" + name + ".cpp";
    return StandIn.build(source, soname, folder, all.toArray(String[]::new));
  }
}
