package io.sagitta.attack.theory;

import java.util.Locale;

/** How a formula came here. */
public enum Status {
  /** As the paper that proves it prints it. */
  VERBATIM,
  /** Put together again from the paper's text and code: the shape is certain, constants less so. */
  RECONSTRUCTED,
  /** Follows from the definitions alone; the argument stands beside it. */
  DERIVED;

  /** In words. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
