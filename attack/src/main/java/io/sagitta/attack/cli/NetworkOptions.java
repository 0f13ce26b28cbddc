package io.sagitta.attack.cli;

import io.sagitta.attack.console.NetworkHelp;
import io.sagitta.attack.console.Range;
import picocli.CommandLine.Option;

/** Which network some weights are of, where their file does not say; no other than it says. */
final class NetworkOptions {
  @Option(
      names = "--arch", paramLabel = "NAME",
      description = "Network: " + NetworkHelp.ARCHITECTURES + " (default: what the file says).")
  private String architecture;

  @Range(least = 1)
  @Option(
      names = "--width", paramLabel = "W",
      description = NetworkHelp.WIDTH + " What the file says goes before the default.")
  private Integer width;

  @Range(least = 2)
  @Option(
      names = "--classes", paramLabel = "K",
      description = "Its classes (default: what the file says).")
  private Integer classes;

  /** What they say. */
  NamedNetwork named() {
    return new NamedNetwork(architecture, width, classes);
  }
}
