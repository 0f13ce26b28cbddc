package io.sagitta.nn.models;

import io.sagitta.nn.layers.ParameterSpec;
import java.util.List;

/** Makes networks by name. */
public final class Models {
  private Models() {}

  /** What one buffer holds. */
  private static final long MOST_ELEMENTS = Integer.MAX_VALUE / Float.BYTES;

  /**
   * The network of a specification.
   *
   * @throws IllegalArgumentException if a parameter of it would not fit into a buffer
   */
  public static Model create(ModelSpec spec) {
    Model model = Architecture.of(spec.architecture()).create(spec);
    for (ParameterSpec parameter : model.parameters()) {
      if (parameter.shape().elements() > MOST_ELEMENTS) {
        throw new IllegalArgumentException(
            spec + ": expected parameters of at most " + MOST_ELEMENTS + " numbers, got "
                + parameter.shape() + " for " + parameter.name() + "; choose a smaller width");
      }
    }
    return model;
  }

  /**
   * A learning rate to begin with, for stochastic gradient descent with momentum 0.9: 0.1, or 0.01
   * without batch normalisation.
   */
  public static double learningRate(String architecture) {
    return ModelSpec.of(architecture, 2, 0).hasBatchNorm() ? 0.1 : 0.01;
  }

  /** The names there are. */
  public static List<String> architectures() {
    return Architecture.ids();
  }
}
