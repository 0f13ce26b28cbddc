package io.sagitta.kernels.cuda;

import io.sagitta.kernels.DeviceException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import jcuda.driver.CUdevice;
import jcuda.driver.CUdevice_attribute;
import jcuda.driver.CUuuid;
import jcuda.driver.JCudaDriver;

/** An NVIDIA GPU of this machine, as the driver describes it. */
public final class CudaDevice {
  /** The one architecture that has products of warpgroups ({@code wgmma}): Hopper. */
  private static final int HOPPER = 90;

  /** The oldest architecture that kernels are compiled for: Ampere. */
  static final int OLDEST_ARCHITECTURE = 80;

  private static final int NAME_BYTES = 256;

  private final int ordinal;
  private final int driver;
  private final CUdevice handle = new CUdevice();
  private final String model;
  private final String uuid;
  private final long memoryBytes;
  private final int architecture;
  private final int multiprocessors;

  private CudaDevice(int ordinal, int driver) {
    this.ordinal = ordinal;
    this.driver = driver;
    Cuda.check(JCudaDriver.cuDeviceGet(handle, ordinal), "cuDeviceGet", ordinal);
    byte[] bytes = new byte[NAME_BYTES];
    Cuda.check(
        JCudaDriver.cuDeviceGetName(bytes, bytes.length, handle), "cuDeviceGetName", ordinal);
    model = new String(bytes, StandardCharsets.UTF_8).replaceAll("\0.*", "").strip();
    CUuuid id = new CUuuid();
    Cuda.check(JCudaDriver.cuDeviceGetUuid(id, handle), "cuDeviceGetUuid", ordinal);
    uuid = text(id.bytes);
    long[] total = new long[1];
    Cuda.check(JCudaDriver.cuDeviceTotalMem(total, handle), "cuDeviceTotalMem", ordinal);
    memoryBytes = total[0];
    architecture =
        10 * attribute(CUdevice_attribute.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR)
            + attribute(CUdevice_attribute.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR);
    multiprocessors = attribute(CUdevice_attribute.CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT);
  }

  /**
   * Every device that the driver shows; environment variables such as {@code CUDA_VISIBLE_DEVICES}
   * hide some.
   *
   * @throws DeviceException saying why there is none
   */
  public static List<CudaDevice> all() {
    int driver = CudaDriver.start();
    int[] count = new int[1];
    Cuda.check(JCudaDriver.cuDeviceGetCount(count), "cuDeviceGetCount");
    if (count[0] == 0) {
      throw new DeviceException(
          "no device: the driver for CUDA " + CudaDriver.text(driver)
              + " shows none; is CUDA_VISIBLE_DEVICES empty?");
    }
    List<CudaDevice> devices = new ArrayList<>();
    for (int i = 0; i < count[0]; i++) {
      devices.add(new CudaDevice(i, driver));
    }
    return devices;
  }

  /**
   * One device.
   *
   * @throws DeviceException saying why there is none, or which there are
   */
  static CudaDevice of(int ordinal) {
    List<CudaDevice> all = all();
    if (ordinal < 0 || ordinal >= all.size()) {
      throw new DeviceException(
          "cuda:" + ordinal + ": no such device; there "
              + (all.size() == 1 ? "is cuda:0 alone" : "are cuda:0 to cuda:" + (all.size() - 1)));
    }
    CudaDevice device = all.get(ordinal);
    if (device.architecture < OLDEST_ARCHITECTURE) {
      throw new DeviceException(
          device.name() + ": no kernel image for " + device.model + " with compute capability "
              + device.computeCapability() + "; expected 8.0 or newer");
    }
    return device;
  }

  /** Whether a library takes the place of the system's driver, as in tests. */
  public static boolean isSubstituted() {
    return CudaDriver.isSubstituted();
  }

  CUdevice handle() {
    return handle;
  }

  /** Its number among the visible devices. */
  public int ordinal() {
    return ordinal;
  }

  /** What to ask for, such as {@code cuda:0}. */
  public String name() {
    return "cuda:" + ordinal;
  }

  /** What it is sold as. */
  public String model() {
    return model;
  }

  /** Tells it from every other, such as {@code GPU-5fd4b1e5-…}. */
  public String uuid() {
    return uuid;
  }

  /** Its memory in bytes. */
  public long memoryBytes() {
    return memoryBytes;
  }

  /** The architecture its kernels are compiled for, such as 90. */
  public int architecture() {
    return architecture;
  }

  /** Whether kernels that say "needs sm_90a" are for it. */
  boolean hasWarpgroups() {
    return architecture == HOPPER;
  }

  /** The same as documentation has it, such as {@code 9.0}. */
  public String computeCapability() {
    return architecture / 10 + "." + architecture % 10;
  }

  /** How many multiprocessors it has. */
  public int multiprocessors() {
    return multiprocessors;
  }

  /** The version of CUDA that its driver is for, such as {@code 13.0}. */
  public String driverVersion() {
    return CudaDriver.text(driver);
  }

  /** One line for people. */
  public String description() {
    return model + ", compute capability " + computeCapability() + ", "
        + Sizes.text(memoryBytes) + ", " + multiprocessors
        + " multiprocessors, driver for CUDA " + driverVersion();
  }

  /** An attribute as the driver numbers them, see {@link CUdevice_attribute}. */
  int attribute(int which) {
    int[] value = new int[1];
    Cuda.check(
        JCudaDriver.cuDeviceGetAttribute(value, which, handle), "cuDeviceGetAttribute",
        CUdevice_attribute.stringFor(which), ordinal);
    return value[0];
  }

  /** As NVIDIA's tools write it: groups of 4, 2, 2, 2 and 6 bytes. */
  private static String text(byte[] id) {
    String hex = HexFormat.of().formatHex(id);
    return "GPU-" + hex.substring(0, 8) + "-" + hex.substring(8, 12) + "-" + hex.substring(12, 16)
        + "-" + hex.substring(16, 20) + "-" + hex.substring(20);
  }
}
