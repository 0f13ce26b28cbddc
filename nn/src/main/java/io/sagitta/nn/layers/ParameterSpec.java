package io.sagitta.nn.layers;

import io.sagitta.engine.Shape;

/**
 * One array of a model.
 *
 * @param name PyTorch's, such as {@code layer1.0.conv1.weight}
 * @param shape as PyTorch stores it: OIHW for convolutions, [out, in] for dense layers
 * @param kind what becomes of it in training
 * @param initial where its values begin
 */
public record ParameterSpec(String name, Shape shape, Kind kind, Initial initial) {
  /** What becomes of a parameter in training. */
  public enum Kind {
    /** Follows its gradient. */
    TRAINABLE,
    /** Follows the batches' statistics: a running mean or variance. */
    BUFFER,
    /** How many batches a normalisation has seen; a whole number. */
    COUNTER
  }

  /**
   * The law of initial values: mean + bound·u + deviation·z, u uniform in [−1, 1) and z standard
   * normal; at most one of the two is there.
   */
  public record Initial(double mean, double bound, double deviation) {
    static Initial constant(double value) {
      return new Initial(value, 0, 0);
    }

    static Initial uniform(double bound) {
      return new Initial(0, bound, 0);
    }

    static Initial normal(double deviation) {
      return new Initial(0, 0, deviation);
    }
  }

  static ParameterSpec trainable(String name, Shape shape, Initial initial) {
    return new ParameterSpec(name, shape, Kind.TRAINABLE, initial);
  }

  static ParameterSpec buffer(String name, Shape shape, double value) {
    return new ParameterSpec(name, shape, Kind.BUFFER, Initial.constant(value));
  }

  static ParameterSpec counter(String name) {
    return new ParameterSpec(name, Shape.scalar(), Kind.COUNTER, Initial.constant(0));
  }
}
