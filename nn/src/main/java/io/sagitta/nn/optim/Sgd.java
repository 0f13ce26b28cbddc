package io.sagitta.nn.optim;

import io.sagitta.engine.DenseTensor;
import io.sagitta.engine.Tensor;
import io.sagitta.kernels.Buffer;
import io.sagitta.kernels.Scope;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Stochastic gradient descent as PyTorch defines it: {@code g = gradient + weightDecay·w; v =
 * momentum·v + g; w −= rate·(nesterov ? g + momentum·v : v)}. It changes the parameters in place
 * and holds one velocity for each until closed.
 */
public final class Sgd implements AutoCloseable {
  private final Map<String, DenseTensor> parameters;
  private final Map<String, DenseTensor> velocities = new LinkedHashMap<>();
  private final Scope owner = Scope.detached();
  private final double momentum;
  private final double weightDecay;
  private final boolean nesterov;

  /**
   * Makes the optimiser, at rest.
   *
   * @param parameters by name, in the order of the gradients; not owned
   */
  public Sgd(
      Map<String, DenseTensor> parameters, double momentum, double weightDecay, boolean nesterov) {
    this.parameters = new LinkedHashMap<>(parameters);
    this.momentum = momentum;
    this.weightDecay = weightDecay;
    this.nesterov = nesterov;
    boolean done = false;
    try (Scope scope = Scope.open()) {
      this.parameters.forEach(
          (name, p) ->
              velocities.put(name, scope.move(Tensor.zeros(p.backend(), p.shape()), owner)));
      done = true;
    } finally {
      if (!done) {
        close();
      }
    }
  }

  /** What is optimised. */
  public Map<String, DenseTensor> parameters() {
    return Collections.unmodifiableMap(parameters);
  }

  /** The state, one for each parameter; whoever restores a state writes into these. */
  public Map<String, DenseTensor> velocities() {
    return Collections.unmodifiableMap(velocities);
  }

  /**
   * One step.
   *
   * @param gradients one for each parameter, in their order
   * @param rate the learning rate
   */
  public void step(List<Tensor> gradients, double rate) {
    if (gradients.size() != parameters.size()) {
      throw new IllegalArgumentException(
          "sgd: expected " + parameters.size() + " gradients, got " + gradients.size());
    }
    List<Buffer> weights = new ArrayList<>(gradients.size());
    List<Buffer> slopes = new ArrayList<>(gradients.size());
    List<Buffer> speeds = new ArrayList<>(gradients.size());
    for (Map.Entry<String, DenseTensor> entry : parameters.entrySet()) {
      DenseTensor parameter = entry.getValue();
      Tensor gradient = gradients.get(weights.size());
      if (!gradient.shape().equals(parameter.shape())) {
        throw new IllegalArgumentException(
            "sgd: expected a gradient of shape " + parameter.shape() + " for '" + entry.getKey()
                + "', got " + gradient.shape());
      }
      weights.add(parameter.buffer());
      slopes.add(gradient.value().buffer());
      speeds.add(velocities.get(entry.getKey()).buffer());
    }
    if (!gradients.isEmpty()) {
      gradients.get(0).backend().sgd(
          weights, slopes, speeds, rate, momentum, weightDecay, nesterov);
    }
  }

  /** Gives the velocities back. */
  @Override
  public void close() {
    owner.close();
  }
}
