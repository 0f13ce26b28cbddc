package io.sagitta.attack.console;

import picocli.CommandLine.Option;

/** What every command takes. */
public final class CommonOptions {
  @Option(names = "--verbose", description = "Log what happens; print stack traces.")
  private boolean verbose;

  @Option(names = {"-h", "--help"}, usageHelp = true, description = "Print this help.")
  private boolean help;
}
