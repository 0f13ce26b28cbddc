package io.sagitta.attack.console;

import io.sagitta.kernels.Backend;
import io.sagitta.kernels.Devices;
import picocli.CommandLine.Option;

/** What to compute on. */
public final class DeviceOption {
  @Option(
      names = "--device", paramLabel = "NAME", defaultValue = "auto",
      description = "Compute on: auto or host (default: auto, the fastest there is).")
  private String device;

  /** Opens it; the caller closes it. */
  public Backend open() {
    return Devices.open(device);
  }
}
