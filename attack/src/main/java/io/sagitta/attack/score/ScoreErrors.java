package io.sagitta.attack.score;

import java.util.Arrays;

/**
 * How far scores are from exact ones.
 *
 * @param median the median of |s − r|/|r|
 * @param norm ‖s − r‖/‖r‖
 * @param logCorrelation Pearson's, of log s and log r: attacks compare logarithms; NaN where either
 *     does not vary
 */
public record ScoreErrors(double median, double norm, double logCorrelation) {
  /** Keeps the logarithm of a score of zero finite, as in the published code. */
  private static final double TINY = 1e-22;

  /**
   * Compares.
   *
   * @param scores [N], none negative
   * @param exact [N]
   */
  public static ScoreErrors of(double[] scores, double[] exact) {
    int count = exact.length;
    if (count == 0 || scores.length != count) {
      throw new IllegalArgumentException(
          "score errors: expected as many scores as exact ones and at least one, got "
              + scores.length + " and " + count);
    }
    double[] relative = new double[count];
    double squares = 0;
    double exactSquares = 0;
    for (int i = 0; i < count; i++) {
      double error = Math.abs(scores[i] - exact[i]);
      relative[i] = error == 0 ? 0 : error / Math.abs(exact[i]);
      squares += error * error;
      exactSquares += exact[i] * exact[i];
    }
    Arrays.sort(relative);
    double median = (relative[count / 2] + relative[(count - 1) / 2]) / 2;
    return new ScoreErrors(
        median, Math.sqrt(squares / exactSquares), correlation(logs(scores), logs(exact)));
  }

  private static double[] logs(double[] values) {
    return Arrays.stream(values).map(value -> Math.log(Math.abs(value) + TINY)).toArray();
  }

  private static double correlation(double[] a, double[] b) {
    double meanA = Arrays.stream(a).average().orElseThrow();
    double meanB = Arrays.stream(b).average().orElseThrow();
    double product = 0;
    double squaresA = 0;
    double squaresB = 0;
    for (int i = 0; i < a.length; i++) {
      product += (a[i] - meanA) * (b[i] - meanB);
      squaresA += (a[i] - meanA) * (a[i] - meanA);
      squaresB += (b[i] - meanB) * (b[i] - meanB);
    }
    return product / Math.sqrt(squaresA * squaresB);
  }
}
