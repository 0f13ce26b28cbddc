package io.sagitta.attack.console;

import io.sagitta.attack.work.AtOnce;
import picocli.CommandLine.Option;

/** How many models are trained at the same time. */
public final class AtOnceOption {
  @Option(
      names = "--at-once", paramLabel = "N", defaultValue = "auto",
      description = "Train N models at the same time on the host, which divide the cores; on a GPU"
          + " only 1. The weights are the same bits with any N (default: auto, one after the other"
          + " or one a core, whichever is measured to be faster).")
  private String models;

  /**
   * What was asked for.
   *
   * @throws IllegalArgumentException if it is neither auto nor a number
   */
  public AtOnce value() {
    return AtOnce.of(models);
  }
}
