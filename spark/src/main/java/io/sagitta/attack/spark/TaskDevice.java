package io.sagitta.attack.spark;

import io.sagitta.kernels.DeviceException;

/** The device of a task. Which GPU it may use is for Spark to say, which knows who uses which. */
final class TaskDevice {
  private static final String AUTO = "auto";
  private static final String HOST = "host";
  private static final String CUDA = "cuda";

  private TaskDevice() {}

  /** Refuses names that single out a device of one machine. */
  static void requireKnown(String asked) {
    if (!asked.equals(AUTO) && !asked.equals(HOST) && !asked.equals(CUDA)) {
      throw new IllegalArgumentException(
          "device: expected auto, host or cuda on a cluster, which assigns GPUs itself, got '"
              + asked + "'");
    }
  }

  /**
   * The device's name here.
   *
   * @param asked {@code auto}: the GPU where Spark assigns one, else the host
   * @param gpus the addresses that Spark assigned, none or more
   * @throws DeviceException if a GPU was asked for and none was assigned, or more than one was
   */
  static String of(String asked, String[] gpus) {
    if (asked.equals(HOST) || asked.equals(AUTO) && gpus.length == 0) {
      return HOST;
    }
    if (gpus.length != 1 || !gpus[0].matches("\\d{1,4}")) {
      throw new DeviceException(
          "cuda: expected one GPU a task, by its number, as Spark's resource 'gpu', got "
              + (gpus.length == 0 ? "none" : String.join(", ", gpus))
              + "; --conf spark.executor.resource.gpu.amount=1 --conf"
              + " spark.task.resource.gpu.amount=1 ask for it");
    }
    return CUDA + ":" + gpus[0];
  }
}
