package io.sagitta.attack.metrics;

/**
 * A figure over several targets.
 *
 * @param mean their mean
 * @param deviation their standard deviation; NaN where one target has none
 */
public record Spread(double mean, double deviation) {
  /** Divides by n, as NumPy does unless told: what the published notebook prints. */
  public static Spread population(double[] values) {
    return of(values, 0);
  }

  /** Divides by n − 1, without bias for a few targets out of many possible; NaN for one. */
  public static Spread sample(double[] values) {
    return of(values, 1);
  }

  private static Spread of(double[] values, int degreesLost) {
    if (values.length == 0) {
      throw new IllegalArgumentException("spread: expected at least one value, got none");
    }
    double sum = 0;
    for (double value : values) {
      sum += value;
    }
    double mean = sum / values.length;
    double squares = 0;
    for (double value : values) {
      squares += (value - mean) * (value - mean);
    }
    return new Spread(mean, Math.sqrt(squares / (values.length - degreesLost)));
  }
}
