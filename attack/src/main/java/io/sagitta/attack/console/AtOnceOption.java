package io.sagitta.attack.console;

import io.sagitta.attack.work.AtOnce;
import picocli.CommandLine.Option;

/** How many models are trained at the same time. */
public final class AtOnceOption {
  @Option(
      names = "--at-once", paramLabel = "N", defaultValue = "auto",
      description = "Train N models at the same time on the host, which divide the cores, or on one"
          + " GPU, where each takes memory of its own; with several GPUs only 1, each. The weights"
          + " are the same bits with any N (default: auto, as many as are measured to be fastest:"
          + " on the host 1 or one a core, on a GPU 1, 2, 4 or 8).")
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
