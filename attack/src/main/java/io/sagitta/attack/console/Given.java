package io.sagitta.attack.console;

import java.util.Set;
import java.util.function.Predicate;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** The options that were given to a command, so that none is passed over in silence. */
public final class Given {
  private final CommandSpec command;

  /**
   * @param command while it runs
   */
  public Given(CommandSpec command) {
    this.command = command;
  }

  /**
   * Refuses options that would decide nothing.
   *
   * @param names of them
   * @param expected why, such as {@code a black box as target with it}
   * @throws IllegalArgumentException naming the first that was given
   */
  public void refuse(Set<String> names, String expected) {
    refuse(names::contains, expected);
  }

  /**
   * Refuses all options but these.
   *
   * @param names of the others
   * @param expected why
   * @throws IllegalArgumentException naming the first that was given
   */
  public void refuseAllBut(Set<String> names, String expected) {
    refuse(name -> !names.contains(name), expected);
  }

  private void refuse(Predicate<String> refused, String expected) {
    for (OptionSpec option : command.commandLine().getParseResult().matchedOptions()) {
      if (refused.test(option.longestName())) {
        throw new IllegalArgumentException(
            option.longestName() + ": expected " + expected + ", got it without");
      }
    }
  }
}
