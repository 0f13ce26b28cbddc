package io.sagitta.nn.optim;

import io.sagitta.engine.DenseTensor;
import io.sagitta.engine.Tensor;
import io.sagitta.kernels.Backend;
import io.sagitta.kernels.BinaryOp;
import io.sagitta.kernels.Buffer;
import io.sagitta.kernels.Scope;
import io.sagitta.kernels.UnaryOp;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * RMSprop (Tieleman and Hinton, 2012) as PyTorch defines it: {@code g = gradient + weightDecay·w; s =
 * 0.99·s + 0.01·g²; u = g/(√s + 1e-8); v = momentum·v + u; w −= rate·v}. It changes the parameters in
 * place and holds a mean square for each, and with a momentum a velocity, until closed.
 */
public final class RmsProp implements Optimizer {
  static final String SQUARES = "square_average.";

  /** PyTorch's defaults. */
  private static final double SMOOTHING = 0.99;

  private static final double EPSILON = 1e-8;

  private final Map<String, DenseTensor> parameters;
  private final Map<String, DenseTensor> state = new LinkedHashMap<>();
  private final Scope owner = Scope.detached();
  private final double momentum;
  private final double weightDecay;

  /**
   * Makes the optimiser, at rest.
   *
   * @param parameters by name, in the order of the gradients; not owned
   */
  public RmsProp(Map<String, DenseTensor> parameters, double momentum, double weightDecay) {
    this.parameters = new LinkedHashMap<>(parameters);
    this.momentum = momentum;
    this.weightDecay = weightDecay;
    boolean done = false;
    try (Scope scope = Scope.open()) {
      this.parameters.forEach(
          (name, p) -> {
            state.put(SQUARES + name, zeros(scope, p));
            if (momentum > 0) {
              state.put(Sgd.VELOCITY + name, zeros(scope, p));
            }
          });
      done = true;
    } finally {
      if (!done) {
        close();
      }
    }
  }

  private DenseTensor zeros(Scope scope, DenseTensor like) {
    return scope.move(Tensor.zeros(like.backend(), like.shape()), owner);
  }

  @Override
  public Map<String, DenseTensor> parameters() {
    return Collections.unmodifiableMap(parameters);
  }

  @Override
  public Map<String, DenseTensor> state() {
    return Collections.unmodifiableMap(state);
  }

  @Override
  public void step(List<Tensor> gradients, double rate) {
    Sgd.check("rmsprop", parameters, gradients);
    int i = 0;
    for (Map.Entry<String, DenseTensor> entry : parameters.entrySet()) {
      step(entry.getKey(), entry.getValue(), gradients.get(i++).value(), rate);
    }
  }

  @SuppressWarnings("try") // an open scope is used by the operations inside it
  private void step(String name, DenseTensor parameter, DenseTensor gradient, double rate) {
    Backend backend = parameter.backend();
    Buffer weight = parameter.buffer();
    Buffer squares = state.get(SQUARES + name).buffer();
    try (Scope scope = Scope.open()) {
      Buffer g = gradient.buffer();
      if (weightDecay != 0) {
        g = DenseTensor.allocate(backend, parameter.shape()).buffer();
        backend.affine(weight, weightDecay, 0, g);
        backend.accumulate(gradient.buffer(), 1, g);
      }
      Buffer update = DenseTensor.allocate(backend, parameter.shape()).buffer();
      backend.binary(BinaryOp.MUL, g, g, update);
      backend.affine(squares, SMOOTHING, 0, squares);
      backend.accumulate(update, 1 - SMOOTHING, squares);
      backend.unary(UnaryOp.SQRT, squares, update);
      backend.affine(update, 1, EPSILON, update);
      backend.binary(BinaryOp.DIV, g, update, update);
      if (momentum > 0) {
        Buffer velocity = state.get(Sgd.VELOCITY + name).buffer();
        backend.affine(velocity, momentum, 0, velocity);
        backend.accumulate(update, 1, velocity);
        update = velocity;
      }
      backend.accumulate(update, -rate, weight);
    }
  }

  @Override
  public void close() {
    owner.close();
  }
}
