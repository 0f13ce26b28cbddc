package io.sagitta.kernels.cuda;

import java.io.IOException;
import java.nio.file.Path;
import jcuda.driver.CUmodule;
import jcuda.driver.JCudaDriver;
import org.junit.jupiter.api.Assumptions;

/**
 * The emulated driver of {@code src/test/cpp}, which runs the project's kernels on the processor. A
 * process has one CUDA driver, so the first use decides that it is this one.
 */
public final class EmulatedCuda {
  private static final Object LOCK = new Object();
  private static boolean tried;
  private static String reason;

  private EmulatedCuda() {}

  /**
   * Builds and loads the driver at the first call; says why it cannot be used, or null. From then
   * on every buffer is an allocation of its own, which ends at a guard page. A build without nvcc
   * has no images of kernels: then a stand-in for NVRTC makes some, which this driver does not look
   * at. A driver that the system property {@code sagitta.cuda.driver} names already is taken as it
   * is.
   */
  public static String whyAbsent() {
    synchronized (LOCK) {
      if (!tried) {
        tried = true;
        prepare();
      }
      return reason;
    }
  }

  private static void prepare() {
    String os = System.getProperty("os.name");
    String compiler = EmulatedBuild.compiler();
    String given = System.getProperty(CudaDriver.SUBSTITUTE_PROPERTY);
    if (given != null) {
      load(Path.of(given));
    } else if (!os.equals("Linux")) {
      reason = "the emulated driver is written for Linux, not for " + os;
    } else if (compiler == null) {
      reason = "no C++17 compiler (tried $CXX, g++, clang++, c++)";
    } else {
      try {
        EmulatedBuild build = new EmulatedBuild(compiler);
        load(build.project());
        if (KernelImages.architectures() == null) {
          setWhereUnset(LibrarySearch.PROPERTY, build.nvrtc().toString());
          setWhereUnset(ImageCache.PROPERTY, build.images().toString());
        }
      } catch (IOException e) {
        throw new IllegalStateException("cannot build the emulated driver", e);
      }
    }
  }

  private static void load(Path driver) {
    System.setProperty(CudaDriver.SUBSTITUTE_PROPERTY, driver.toString());
    setWhereUnset(CudaSession.MEMORY_PROPERTY, "exact");
    System.load(driver.toString());
    JCudaDriver.setExceptionsEnabled(false);
  }

  private static void setWhereUnset(String property, String value) {
    if (System.getProperty(property) == null) {
      System.setProperty(property, value);
    }
  }

  /** A backend on the emulated device. */
  public static CudaBackend open() {
    requirePresent();
    return CudaBackend.open(0);
  }

  /** A session on the emulated device; where there is none, the test is skipped and says why. */
  static CudaSession session() {
    String absent = whyAbsent();
    Assumptions.assumeTrue(absent == null, absent);
    return new CudaSession(0);
  }

  private static void requirePresent() {
    String absent = whyAbsent();
    if (absent != null) {
      throw new IllegalStateException("cuda-emulated is absent: " + absent);
    }
  }

  /** Sets what {@code emulator.h} lists under "Commands". */
  public static void command(String name, Object value) {
    requirePresent();
    String text = "emulated:" + name + "=" + value;
    Cuda.check(JCudaDriver.cuModuleLoad(new CUmodule(), text), "cuModuleLoad", text);
  }

  /** Takes back every command that a device's failures are made with. */
  public static void healthy() {
    command("devices", 1);
    command("version", 12060);
    command("capability", 90);
    command("memory", 64L << 30);
    command("image", 0);
    command("fail", "0:0");
  }

  /** Builds the kernels of a folder of {@code src/test/cpp} and lets them be found by name. */
  static void loadKernels(String folder) throws IOException {
    requirePresent();
    for (Path kernels : new EmulatedBuild(EmulatedBuild.compiler()).kernels(folder)) {
      command("kernels", kernels);
    }
  }
}
