package io.sagitta.attack.console;

import io.sagitta.attack.work.AtOnce;
import io.sagitta.attack.work.Clusters;
import io.sagitta.attack.work.Machines;
import io.sagitta.attack.work.Workers;
import io.sagitta.kernels.Devices;
import picocli.CommandLine.Option;

/** What to compute on. */
public final class DeviceOption {
  @Option(
      names = "--device", paramLabel = "NAME", defaultValue = "auto",
      description = "Compute on: " + Devices.EXPECTED + " (default: auto, the first GPU that works,"
          + " else the host).")
  private String device;

  /** Opens what was asked for; the caller closes it. Says why auto took the host where it did. */
  public Workers open(Terminal terminal) {
    return explained(Workers.open(device), terminal);
  }

  /**
   * The same for work on several models, as many at the same time as was asked for.
   *
   * @throws IllegalArgumentException if the device does not work on several
   */
  public Workers open(Terminal terminal, AtOnceOption atOnce) {
    AtOnce asked = atOnce.value();
    Workers workers = open(terminal);
    try {
      workers.atOnce(asked);
      return workers;
    } catch (RuntimeException e) {
      workers.close();
      throw e;
    }
  }

  /**
   * The same for work that is one model's.
   *
   * @throws IllegalArgumentException if several devices were asked for
   */
  public Workers openOne(Terminal terminal) {
    return explained(Workers.openOne(device), terminal);
  }

  /** The same on the machines of a cluster. */
  Machines openOn(String master) {
    return Clusters.connect(master, device);
  }

  private static Workers explained(Workers workers, Terminal terminal) {
    if (workers.reason() != null) {
      terminal.say("computing on the host: " + workers.reason());
    }
    return workers;
  }
}
