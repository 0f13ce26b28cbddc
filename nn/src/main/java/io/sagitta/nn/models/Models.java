package io.sagitta.nn.models;

import java.util.List;

/** Makes networks by name. */
public final class Models {
  private Models() {}

  /** The network of a specification. */
  public static Model create(ModelSpec spec) {
    return Architecture.of(spec.architecture()).create(spec);
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
