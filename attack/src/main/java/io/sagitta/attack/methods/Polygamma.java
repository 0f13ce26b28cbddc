package io.sagitta.attack.methods;

/**
 * The first three derivatives of log Γ for positive arguments, by recurrence to arguments of at
 * least {@value #ASYMPTOTIC} and their asymptotic series (Abramowitz, Stegun 6.3.18, 6.4.11), to
 * about 1e-14. The digamma of Commons Math 3 is off by up to 3e-9.
 */
final class Polygamma {
  private static final double ASYMPTOTIC = 20;

  private Polygamma() {}

  /** ψ. */
  static double digamma(double x) {
    double sum = 0;
    double at = x;
    for (; at < ASYMPTOTIC; at++) {
      sum -= 1 / at;
    }
    double r = 1 / (at * at);
    return sum + Math.log(at) - 0.5 / at
        - r * (1.0 / 12 - r * (1.0 / 120 - r * (1.0 / 252 - r * (1.0 / 240 - r / 132))));
  }

  /** ψ′. */
  static double trigamma(double x) {
    double sum = 0;
    double at = x;
    for (; at < ASYMPTOTIC; at++) {
      sum += 1 / (at * at);
    }
    double r = 1 / (at * at);
    return sum + 1 / at + r / 2
        + r / at * (1.0 / 6 - r * (1.0 / 30 - r * (1.0 / 42 - r * (1.0 / 30 - r * 5 / 66))));
  }

  /** ψ″. */
  static double tetragamma(double x) {
    double sum = 0;
    double at = x;
    for (; at < ASYMPTOTIC; at++) {
      sum -= 2 / (at * at * at);
    }
    double r = 1 / (at * at);
    return sum - r - r / at
        - r * r * (1.0 / 2 - r * (1.0 / 6 - r * (1.0 / 6 - r * (3.0 / 10 - r * 5 / 6))));
  }
}
