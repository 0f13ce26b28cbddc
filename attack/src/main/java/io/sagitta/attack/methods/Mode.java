package io.sagitta.attack.methods;

import java.util.Locale;

/** Which arithmetic an attack and its figures use. */
public enum Mode {
  /**
   * That of the code published with Ravikumar et al., "Curvature Clues" (NeurIPS 2024), slips
   * included, so that its figures can be reproduced and compared.
   */
  PAPER,
  /** Statistically right: standard deviations, log space, the true class, exact thresholds. */
  CORRECTED;

  /** The name in files: {@code paper} or {@code corrected}. */
  public String id() {
    return name().toLowerCase(Locale.ROOT);
  }
}
