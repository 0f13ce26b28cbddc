package io.sagitta.attack.theory;

/** Refuses numbers that a formula is not about. */
final class Checks {
  private Checks() {}

  static void atLeastZero(String name, double value) {
    if (!(value >= 0)) {
      throw new IllegalArgumentException(name + ": expected at least 0, got " + value);
    }
  }

  static void above(String name, double least, double value) {
    if (!(value > least)) {
      throw new IllegalArgumentException(name + ": expected above " + least + ", got " + value);
    }
  }

  static void share(String name, double value) {
    if (!(value >= 0 && value <= 1)) {
      throw new IllegalArgumentException(name + ": expected 0 to 1, got " + value);
    }
  }
}
