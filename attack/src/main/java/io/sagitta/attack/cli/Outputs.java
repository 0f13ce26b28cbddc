package io.sagitta.attack.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Files that receive results. */
final class Outputs {
  private Outputs() {}

  /**
   * Checks that results do not take the place of what they are made from.
   *
   * @param option that names where results go
   * @throws IllegalArgumentException if both are one file
   */
  static void requireOther(String option, Path out, Path from) {
    try {
      if (Files.exists(out) && Files.exists(from) && Files.isSameFile(out, from)) {
        throw new IllegalArgumentException(
            option + ": expected another file than " + from + ", which is read, got " + out);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(out + ": cannot be looked at: " + e, e);
    }
  }
}
