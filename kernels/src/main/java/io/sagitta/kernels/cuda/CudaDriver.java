package io.sagitta.kernels.cuda;

import io.sagitta.kernels.DeviceException;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import jcuda.JCudaVersion;
import jcuda.driver.JCudaDriver;

/**
 * Brings the driver library and JCuda's binding to it into the process. JCuda's natives are touched
 * only when there is a driver.
 */
final class CudaDriver {
  /**
   * Names a library to use in place of the system's {@code libcuda.so.1}: the loader takes a
   * library whose name is already in the process.
   */
  static final String SUBSTITUTE_PROPERTY = "sagitta.cuda.driver";

  private static final String LIBRARY = "libcuda.so.1";
  private static final int OLDEST = 12000;
  private static final Path LOADER_CACHE = Path.of("/etc/ld.so.cache");
  private static final List<String> USUAL_FOLDERS =
      List.of(
          "/usr/lib/x86_64-linux-gnu", "/usr/lib64", "/usr/lib/wsl/lib",
          "/usr/local/nvidia/lib64");

  private static boolean loaded;

  private CudaDriver() {}

  /**
   * Loads the driver and starts it.
   *
   * @return its version as the driver has it, such as 13010 for 13.1
   * @throws DeviceException saying why CUDA cannot be used: no natives for this platform, no
   *     driver, one that is too old or does not start
   */
  static synchronized int start() {
    if (!loaded) {
      requirePlatform();
      loadDriver();
      loadBinding();
      loaded = true;
    }
    int[] version = new int[1];
    Cuda.check(JCudaDriver.cuDriverGetVersion(version), "cuDriverGetVersion");
    if (version[0] < OLDEST) {
      throw new DeviceException(
          "the driver is too old: it is for CUDA " + text(version[0]) + ", expected "
              + text(OLDEST) + " or newer; update NVIDIA's driver");
    }
    int result = JCudaDriver.cuInit(0);
    if (result != 0) {
      throw new DeviceException(
          "the driver does not start: cuInit: " + Cuda.meaning(result) + " (" + result + ")");
    }
    return version[0];
  }

  /** Whether a library takes the place of the system's driver, as in tests. */
  static boolean isSubstituted() {
    return System.getProperty(SUBSTITUTE_PROPERTY) != null;
  }

  /** Such as {@code 12.6} for 12060. */
  static String text(int version) {
    return version / 1000 + "." + version % 1000 / 10;
  }

  private static void requirePlatform() {
    String system = System.getProperty("os.name");
    String processor = System.getProperty("os.arch");
    if (!system.equals("Linux") || !processor.equals("amd64")) {
      throw new DeviceException(
          "JCuda's natives are for Linux on x86-64, and this is " + system + " on " + processor);
    }
    if (CudaDriver.class.getResource("/lib/" + binding()) == null) {
      throw new DeviceException(
          "JCuda's natives are not on the class path: no lib/" + binding() + " in any jar");
    }
  }

  private static String binding() {
    return "libJCudaDriver-" + JCudaVersion.get() + "-linux-x86_64.so";
  }

  private static void loadDriver() {
    String substitute = System.getProperty(SUBSTITUTE_PROPERTY);
    List<String> failures = new ArrayList<>();
    for (Path library : substitute == null ? candidates() : List.of(Path.of(substitute))) {
      try {
        System.load(library.toAbsolutePath().toString());
        return;
      } catch (UnsatisfiedLinkError e) {
        failures.add(firstLine(e));
      }
    }
    throw new DeviceException(
        failures.isEmpty()
            ? "no CUDA driver: " + LIBRARY + " is not where libraries are (LD_LIBRARY_PATH, the"
                + " loader's cache, the usual folders)"
            : "the driver does not load: " + String.join("; ", failures));
  }

  /** Where the driver is, most wanted first, as the system's loader would look. */
  private static Set<Path> candidates() {
    Set<Path> found = new LinkedHashSet<>();
    String folders = System.getenv().getOrDefault("LD_LIBRARY_PATH", "");
    for (String folder : folders.split(File.pathSeparator)) {
      addIfThere(found, folder);
    }
    found.addAll(cached());
    USUAL_FOLDERS.forEach(folder -> addIfThere(found, folder));
    return found;
  }

  private static void addIfThere(Set<Path> found, String folder) {
    if (!folder.isEmpty() && Files.exists(Path.of(folder, LIBRARY))) {
      found.add(Path.of(folder, LIBRARY));
    }
  }

  private static List<Path> cached() {
    if (!Files.isReadable(LOADER_CACHE)) {
      return List.of();
    }
    try {
      return listed(Files.readString(LOADER_CACHE, StandardCharsets.ISO_8859_1));
    } catch (IOException e) {
      throw new DeviceException(LOADER_CACHE + " cannot be read: " + e, false, e);
    }
  }

  /** The paths of the driver in the loader's cache, whose strings lie between zero bytes. */
  static List<Path> listed(String cache) {
    List<Path> found = new ArrayList<>();
    String ending = "/" + LIBRARY + "\0";
    for (int at = cache.indexOf(ending); at >= 0; at = cache.indexOf(ending, at + 1)) {
      int start = cache.lastIndexOf('\0', at) + 1;
      found.add(Path.of(cache.substring(start, at + ending.length() - 1)));
    }
    return found;
  }

  /** The one place where missing natives show; the reason is kept in the exception. */
  private static void loadBinding() {
    try {
      JCudaDriver.setExceptionsEnabled(false);
    } catch (LinkageError e) {
      throw new DeviceException("JCuda's natives do not load: " + firstLine(e), false, e);
    }
  }

  private static String firstLine(LinkageError e) {
    return String.valueOf(e.getMessage()).lines().findFirst().orElse("");
  }
}
