package io.sagitta.attack.console;

import io.sagitta.kernels.Backend;
import io.sagitta.kernels.Devices;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Option;

/** What to compute on. */
public final class DeviceOption {
  private static final Logger LOG = LoggerFactory.getLogger(DeviceOption.class);

  @Option(
      names = "--device", paramLabel = "NAME", defaultValue = "auto",
      description = "Compute on: " + Devices.EXPECTED + " (default: auto, the first GPU that works,"
          + " else the host).")
  private String device;

  /** Opens it and logs which it is; the caller closes it. */
  public Backend open() {
    Backend backend = Devices.open(device);
    LOG.info("computing on {}: {}", backend.name(), backend.description());
    return backend;
  }
}
