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
        folder = Files.createTempDirectory(target, "stand-ins");
        buildCublas(folder, 12);
        buildCudnn(folder);
      }
    } catch (IOException e) {
      throw new IllegalStateException("cannot build the stand-ins", e);
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
  static Path buildCublas(Path folder, int version) throws IOException {
    return build(folder, "cublas", "libcublas.so." + version, "-DVERSION=" + version);
  }

  static Path buildCudnn(Path folder) throws IOException {
    return build(folder, "cudnn", "libcudnn.so.9");
  }

  /** The symbols carry the library's name as their version, as NVIDIA's do. */
  private static Path build(Path folder, String name, String soname, String... flags)
      throws IOException {
    Path versions = folder.resolve(soname + ".map");
    Files.writeString(versions, soname + " { global: " + name + "*; local: *; };\n");
    Path library = folder.resolve(soname);
    List<String> command =
        new ArrayList<>(
            List.of(
                EmulatedBuild.compiler(), "-std=c++17", "-O2", "-shared", "-fPIC",
                "-Wl,-soname," + soname, "-Wl,--version-script=" + versions));
    command.addAll(List.of(flags));
    String root = System.getProperty("sagitta.root");
    command.add(Path.of(root, "src/test/cpp", name, name + ".cpp").toString());
    command.addAll(List.of("-o", library.toString(), "-ldl"));
    EmulatedBuild.run(command);
    Files.delete(versions);
    return library;
  }
}
