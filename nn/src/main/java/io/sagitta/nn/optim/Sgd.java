package io.sagitta.nn.optim;

import io.sagitta.engine.DenseTensor;
import io.sagitta.engine.Shape;
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
public final class Sgd implements Optimizer {
  static final String VELOCITY = "velocity.";

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

  @Override
  public Map<String, DenseTensor> parameters() {
    return Collections.unmodifiableMap(parameters);
  }

  @Override
  public Map<String, DenseTensor> state() {
    Map<String, DenseTensor> state = new LinkedHashMap<>();
    velocities.forEach((name, velocity) -> state.put(VELOCITY + name, velocity));
    return state;
  }

  /** Fails unless there is a gradient for each parameter, of its shape. */
  static void check(
      String optimizer, Map<String, DenseTensor> parameters, List<Tensor> gradients) {
    if (gradients.size() != parameters.size()) {
      throw new IllegalArgumentException(
          optimizer + ": expected " + parameters.size() + " gradients, got " + gradients.size());
    }
    int i = 0;
    for (Map.Entry<String, DenseTensor> entry : parameters.entrySet()) {
      Shape shape = gradients.get(i++).shape();
      if (!shape.equals(entry.getValue().shape())) {
        throw new IllegalArgumentException(
            optimizer + ": expected a gradient of shape " + entry.getValue().shape() + " for '"
                + entry.getKey() + "', got " + shape);
      }
    }
  }

  @Override
  public void step(List<Tensor> gradients, double rate) {
    check("sgd", parameters, gradients);
    List<Buffer> weights = new ArrayList<>(gradients.size());
    List<Buffer> slopes = new ArrayList<>(gradients.size());
    List<Buffer> speeds = new ArrayList<>(gradients.size());
    for (Map.Entry<String, DenseTensor> entry : parameters.entrySet()) {
      DenseTensor parameter = entry.getValue();
      Tensor gradient = gradients.get(weights.size());
      weights.add(parameter.buffer());
      slopes.add(gradient.value().buffer());
      speeds.add(velocities.get(entry.getKey()).buffer());
    }
    if (!gradients.isEmpty()) {
      gradients.get(0).backend().sgd(
          weights, slopes, speeds, rate, momentum, weightDecay, nesterov);
    }
  }

  @Override
  public void close() {
    owner.close();
  }
}
