package io.sagitta.engine;

/** Comparison of vectors by the Euclidean norm of their difference. */
public final class Near {
  private Near() {}

  /** Fails unless ‖actual − expected‖ ≤ limit·(1 + ‖expected‖). */
  public static void check(String what, double[] actual, double[] expected, double limit) {
    if (actual.length != expected.length) {
      throw new AssertionError(
          what + ": expected " + expected.length + " numbers, got " + actual.length);
    }
    double error = 0;
    double norm = 0;
    int worst = 0;
    for (int i = 0; i < expected.length; i++) {
      double difference = actual[i] - expected[i];
      error += difference * difference;
      norm += expected[i] * expected[i];
      double worstDifference = Math.abs(actual[worst] - expected[worst]);
      worst = Math.abs(difference) > worstDifference ? i : worst;
    }
    double budget = limit * (1 + Math.sqrt(norm));
    if (!(Math.sqrt(error) <= budget)) {
      throw new AssertionError(
          what + ": the error's norm is " + Math.sqrt(error) + ", the budget " + budget
              + "; worst at " + worst + ": expected " + expected[worst] + ", got "
              + actual[worst]);
    }
  }

  /** The same for two numbers. */
  public static void check(String what, double actual, double expected, double limit) {
    check(what, new double[] {actual}, new double[] {expected}, limit);
  }
}
