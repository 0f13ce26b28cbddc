package io.sagitta.nn.layers;

import io.sagitta.engine.Shape;

/**
 * One array of a model.
 *
 * @param name PyTorch's, such as {@code layer1.0.conv1.weight}
 * @param shape as PyTorch stores it: OIHW for convolutions, [out, in] for dense layers
 * @param kind what becomes of it in training
 * @param centre the mean of its initial values
 * @param spread initial values are uniform in centre ± spread
 */
public record ParameterSpec(String name, Shape shape, Kind kind, double centre, double spread) {
  /** What becomes of a parameter in training. */
  public enum Kind {
    /** Follows its gradient. */
    TRAINABLE,
    /** Follows the batches' statistics: a running mean or variance. */
    BUFFER,
    /** How many batches a normalisation has seen; a whole number. */
    COUNTER
  }

  static ParameterSpec trainable(String name, Shape shape, double centre, double spread) {
    return new ParameterSpec(name, shape, Kind.TRAINABLE, centre, spread);
  }

  static ParameterSpec buffer(String name, Shape shape, double centre) {
    return new ParameterSpec(name, shape, Kind.BUFFER, centre, 0);
  }

  static ParameterSpec counter(String name) {
    return new ParameterSpec(name, Shape.scalar(), Kind.COUNTER, 0, 0);
  }
}
