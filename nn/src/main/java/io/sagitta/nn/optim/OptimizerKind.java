package io.sagitta.nn.optim;

import io.sagitta.engine.DenseTensor;
import java.util.Arrays;
import java.util.Map;

/** The optimisers there are. */
public enum OptimizerKind {
  SGD("sgd") {
    @Override
    public Optimizer create(
        Map<String, DenseTensor> parameters, double momentum, double weightDecay,
        boolean nesterov) {
      return new Sgd(parameters, momentum, weightDecay, nesterov);
    }
  },
  RMSPROP("rmsprop") {
    @Override
    public Optimizer create(
        Map<String, DenseTensor> parameters, double momentum, double weightDecay,
        boolean nesterov) {
      if (nesterov) {
        throw new IllegalArgumentException(
            "rmsprop: expected a momentum without nesterov, got nesterov");
      }
      return new RmsProp(parameters, momentum, weightDecay);
    }
  };

  private final String id;

  OptimizerKind(String id) {
    this.id = id;
  }

  /**
   * The optimiser of a name.
   *
   * @throws IllegalArgumentException listing the names
   */
  public static OptimizerKind of(String id) {
    for (OptimizerKind kind : values()) {
      if (kind.id.equals(id)) {
        return kind;
      }
    }
    throw new IllegalArgumentException(
        "optimizer: expected one of " + Arrays.toString(values()) + ", got '" + id + "'");
  }

  /**
   * An optimiser at rest.
   *
   * @param parameters by name, in the order of the gradients; not owned
   */
  public abstract Optimizer create(
      Map<String, DenseTensor> parameters, double momentum, double weightDecay, boolean nesterov);

  /** Whether a tensor of a checkpoint is some optimiser's, by its name, and no network's. */
  public static boolean isState(String name) {
    return name.startsWith(Sgd.VELOCITY) || name.startsWith(RmsProp.SQUARES);
  }

  /** The name on the command line and in run files. */
  @Override
  public String toString() {
    return id;
  }
}
