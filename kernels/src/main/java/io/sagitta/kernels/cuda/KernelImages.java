package io.sagitta.kernels.cuda;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import jcuda.driver.CUdevice;
import jcuda.driver.CUdevice_attribute;
import jcuda.driver.CUmodule;
import jcuda.driver.CUresult;
import jcuda.driver.JCudaDriver;

/**
 * The kernels as a device takes them. The build puts compiled images beside the classes when it finds
 * nvcc; where they are missing, or made for other architectures, NVRTC compiles the sources, which
 * are there too, and the result is kept on disk.
 */
final class KernelImages {
  private final int capability;

  /** The images for a device. */
  KernelImages(CUdevice device) {
    this.capability =
        10 * attribute(device, CUdevice_attribute.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR)
            + attribute(device, CUdevice_attribute.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR);
  }

  private static int attribute(CUdevice device, int attribute) {
    int[] value = new int[1];
    Cuda.check(
        JCudaDriver.cuDeviceGetAttribute(value, attribute, device),
        "cuDeviceGetAttribute", attribute);
    return value[0];
  }

  /**
   * Loads {@code file}.cu into the current context.
   *
   * @throws CudaException if no image fits the device and none can be compiled; says which there are
   *     and why
   */
  CUmodule load(String file) {
    byte[] built = resource(file + ".fatbin");
    if (built == null && CudaDriver.isSubstituted()) {
      // An emulated driver brings the kernels with it and takes any image for them.
      built = (file + "\0").getBytes(StandardCharsets.UTF_8);
    }
    String reason = "none was compiled when this was built";
    if (built != null) {
      CUmodule module = new CUmodule();
      int result = JCudaDriver.cuModuleLoadData(module, built);
      if (!unfit(result)) {
        Cuda.check(result, "cuModuleLoadData", file);
        return module;
      }
      reason = "there are " + architectures() + ", and the driver says " + name(result);
    }
    return compiled(file, reason);
  }

  /**
   * Compiles {@code file}.cu, or takes what was compiled before, and loads it.
   *
   * @param reason why none of the build's images does
   */
  CUmodule compiled(String file, String reason) {
    Nvrtc nvrtc = Nvrtc.find();
    if (nvrtc == null) {
      throw new CudaException(
          "loading the kernels of " + file + ".cu", CUresult.CUDA_ERROR_NO_BINARY_FOR_GPU,
          "no image for sm_" + capability + ": " + reason + "; NVRTC, which would compile one, was"
              + " not found: " + Nvrtc.absence() + ". Install the CUDA toolkit's NVRTC, or name its"
              + " folder by -D" + LibrarySearch.PROPERTY + "=FOLDER, or build with nvcc for this"
              + " device");
    }
    KernelSource source = KernelSource.read(file);
    String only = source.onlyArchitecture();
    String target = only == null ? nvrtc.target(capability) : only;
    List<String> parts = new ArrayList<>(List.of(file, source.text(), nvrtc.version()));
    parts.addAll(Nvrtc.options(target));
    source.headers().forEach((name, text) -> parts.addAll(List.of(name, text)));
    byte[] image =
        ImageCache.ofUser().get(ImageCache.key(parts), () -> nvrtc.compile(source, target));
    CUmodule module = new CUmodule();
    Cuda.check(
        JCudaDriver.cuModuleLoadData(module, image), "cuModuleLoadData", file, target,
        "compiled by NVRTC " + nvrtc.version());
    return module;
  }

  /** The architectures of the images that the build made; null if it made none. */
  static String architectures() {
    byte[] text = resource("architectures.txt");
    return text == null ? null : new String(text, StandardCharsets.UTF_8).strip();
  }

  /** Which of them the device takes, for people. */
  String use() {
    String built = architectures();
    if (built == null) {
      return "compiled by NVRTC at first use, since none were when this was built";
    }
    int best = 0;
    Matcher image = Pattern.compile("sm_(\\d+)").matcher(built);
    while (image.find()) {
      int architecture = Integer.parseInt(image.group(1));
      boolean runs = architecture / 10 == capability / 10 && architecture <= capability;
      best = runs ? Math.max(best, architecture) : best;
    }
    return (best == 0 ? "PTX, translated by the driver" : "the image for sm_" + best)
        + ", of " + built;
  }

  /** Whether the driver understood the request and the image is not for it. */
  private static boolean unfit(int result) {
    return result == CUresult.CUDA_ERROR_NO_BINARY_FOR_GPU
        || result == CUresult.CUDA_ERROR_INVALID_IMAGE
        || result == CUresult.CUDA_ERROR_INVALID_PTX
        || result == CUresult.CUDA_ERROR_UNSUPPORTED_PTX_VERSION
        || result == CUresult.CUDA_ERROR_JIT_COMPILER_NOT_FOUND;
  }

  private static String name(int result) {
    String[] name = new String[1];
    JCudaDriver.cuGetErrorName(result, name);
    return name[0];
  }

  /** A file beside this class; null if there is none. */
  static byte[] resource(String name) {
    try (InputStream in = KernelImages.class.getResourceAsStream(name)) {
      return in == null ? null : in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + name + " beside the classes", e);
    }
  }
}
