package io.sagitta.attack.methods;

import io.sagitta.attack.run.ScoreSet;
import io.sagitta.attack.run.Signal;
import java.util.function.DoubleUnaryOperator;

/**
 * A signal and what is done to it before statistics are taken.
 *
 * @param name tells features apart within one evaluation
 * @param signal what is read
 * @param map applied to each value; not finite where the value says nothing
 */
public record Feature(String name, Signal signal, DoubleUnaryOperator map) {
  /** The constant that the published code adds inside logarithms and to denominators. */
  static final double PUBLISHED_EPSILON = 1e-22;

  /** A model's values under a view, mapped, {@code [samples]}. */
  double[] values(ScoreSet scores, int model, int view) {
    double[] values = scores.values(signal, model, view);
    for (int s = 0; s < values.length; s++) {
      values[s] = map.applyAsDouble(values[s]);
    }
    return values;
  }

  /** The signal as it is. */
  public static Feature raw(Signal signal) {
    return new Feature(signal.tensorName(), signal, DoubleUnaryOperator.identity());
  }

  /** {@code log(x + 1e-22)}, as published. */
  public static Feature publishedLog(Signal signal) {
    return new Feature(
        "published-log-" + signal.tensorName(), signal, x -> Math.log(x + PUBLISHED_EPSILON));
  }

  /** {@code log(p / (1 − p + 1e-22) + 1e-22)}, as published. */
  public static Feature publishedLogit(Signal signal) {
    return new Feature(
        "published-logit-" + signal.tensorName(),
        signal,
        p -> Math.log(p / (1 - p + PUBLISHED_EPSILON) + PUBLISHED_EPSILON));
  }

  /**
   * {@code log max(x, floor)}. A constant deep below the data would make an outlier of every exact
   * zero and swamp the variances; the least positive value seen does not.
   */
  public static Feature log(Signal signal, double floor) {
    return new Feature(
        "log-" + signal.tensorName(),
        signal,
        x -> x < 0 ? Double.NaN : Math.log(Math.max(x, floor)));
  }
}
