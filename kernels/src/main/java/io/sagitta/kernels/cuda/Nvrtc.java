package io.sagitta.kernels.cuda;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import jcuda.nvrtc.JNvrtc;
import jcuda.nvrtc.nvrtcProgram;
import jcuda.nvrtc.nvrtcResult;

/**
 * NVIDIA's run-time compiler, which turns a kernel file into an image for one architecture: machine
 * code where it knows the device, else PTX of the newest architecture that it knows, which the
 * driver compiles on.
 */
final class Nvrtc {
  private static String absence;
  private static Nvrtc loaded;

  private final String version;
  private final int[] architectures;

  private Nvrtc() {
    int[] major = new int[1];
    int[] minor = new int[1];
    check(JNvrtc.nvrtcVersion(major, minor), "nvrtcVersion", "");
    version = major[0] + "." + minor[0];
    int[] count = new int[1];
    check(JNvrtc.nvrtcGetNumSupportedArchs(count), "nvrtcGetNumSupportedArchs", "");
    architectures = new int[count[0]];
    check(JNvrtc.nvrtcGetSupportedArchs(architectures), "nvrtcGetSupportedArchs", "");
  }

  /** The compiler, or null where there is none; {@link #absence} then says why. */
  static synchronized Nvrtc find() {
    if (loaded == null && absence == null) {
      CudaLibraries.Library library = CudaLibraries.get(CudaLibraries.Kind.NVRTC);
      if (library.isUsable()) {
        loaded = new Nvrtc();
      } else {
        absence = library.reason();
      }
    }
    return loaded;
  }

  /** Why there is no compiler; null unless one was looked for in vain. */
  static synchronized String absence() {
    return absence;
  }

  /** The compiler's version, such as 12.6. */
  String version() {
    return version;
  }

  /** What to ask for so that a device of that compute capability (90 for 9.0) takes the image. */
  String target(int capability) {
    int newest = 0;
    for (int architecture : architectures) {
      if (architecture == capability) {
        return "sm_" + capability;
      }
      newest = architecture < capability ? Math.max(newest, architecture) : newest;
    }
    if (newest == 0) {
      throw new IllegalStateException(
          "nvrtc " + version + ": compiles for no architecture up to sm_" + capability
              + "; it is too new for this device");
    }
    return "compute_" + newest;
  }

  /** The options that every kernel is compiled with. */
  static List<String> options(String target) {
    return List.of("--gpu-architecture=" + target, "--std=c++17");
  }

  /**
   * Compiles a kernel file.
   *
   * @param target an answer of {@link #target}
   * @return an image that {@code cuModuleLoadData} takes
   * @throws IllegalStateException with the compiler's messages if the file does not compile
   */
  byte[] compile(KernelSource source, String target) {
    nvrtcProgram program = new nvrtcProgram();
    String file = source.file() + ".cu";
    TreeMap<String, String> headers = new TreeMap<>(source.headers());
    check(
        JNvrtc.nvrtcCreateProgram(
            program, source.text(), file, headers.size(),
            headers.values().toArray(String[]::new), headers.keySet().toArray(String[]::new)),
        "nvrtcCreateProgram", file);
    try {
      List<String> options = new ArrayList<>(options(target));
      int result =
          JNvrtc.nvrtcCompileProgram(program, options.size(), options.toArray(String[]::new));
      if (result != nvrtcResult.NVRTC_SUCCESS) {
        String[] log = {""};
        check(JNvrtc.nvrtcGetProgramLog(program, log), "nvrtcGetProgramLog", file);
        throw new IllegalStateException(
            "nvrtc " + version + ": " + file + " does not compile for " + target + ": "
                + JNvrtc.nvrtcGetErrorString(result) + "\n" + log[0].strip());
      }
      return target.startsWith("sm_") ? machineCode(program, file) : ptx(program, file);
    } finally {
      check(JNvrtc.nvrtcDestroyProgram(program), "nvrtcDestroyProgram", file);
    }
  }

  private static byte[] machineCode(nvrtcProgram program, String file) {
    long[] bytes = new long[1];
    check(JNvrtc.nvrtcGetCUBINSize(program, bytes), "nvrtcGetCUBINSize", file);
    byte[] image = new byte[Math.toIntExact(bytes[0])];
    check(JNvrtc.nvrtcGetCUBIN(program, image), "nvrtcGetCUBIN", file);
    return image;
  }

  /** PTX is text, which the driver wants closed by a zero. */
  private static byte[] ptx(nvrtcProgram program, String file) {
    String[] text = new String[1];
    check(JNvrtc.nvrtcGetPTX(program, text), "nvrtcGetPTX", file);
    return (text[0] + "\0").getBytes(StandardCharsets.UTF_8);
  }

  private static void check(int result, String call, String file) {
    if (result != nvrtcResult.NVRTC_SUCCESS) {
      throw new IllegalStateException(
          call + "(" + file + ") failed: " + JNvrtc.nvrtcGetErrorString(result) + " (" + result
              + ")");
    }
  }
}
