package io.sagitta.nn.models;

import io.sagitta.engine.DenseTensor;
import io.sagitta.engine.Shape;
import io.sagitta.engine.Tensor;
import io.sagitta.kernels.Backend;
import io.sagitta.kernels.Precision;
import io.sagitta.kernels.Scope;
import io.sagitta.nn.layers.Pass;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A trained network that answers queries: in evaluation, its normalisations folded into its
 * convolutions once. It keeps its own numbers, so the weights it was made from may change or go.
 * Any number of threads may use it at once.
 */
public final class Classifier implements AutoCloseable {
  private final Model model;
  private final Backend backend;
  private final Scope owner = Scope.detached();
  private final Pass pass;

  private Classifier(Model model, Weights weights, Precision precision) {
    this.model = model;
    this.backend = weights.backend();
    Map<String, DenseTensor> folded = new LinkedHashMap<>();
    boolean done = false;
    try (Scope scope = Scope.open()) {
      model
          .fold(Pass.eval(weights.tensors()))
          .forEach((name, tensor) -> folded.put(name, scope.move(tensor.value(), owner)));
      done = true;
    } finally {
      if (!done) {
        owner.close();
      }
    }
    pass = Pass.folded(folded).in(precision);
  }

  /** A network with these weights, on their backend. */
  public static Classifier of(Model model, Weights weights) {
    return of(model, weights, Precision.FP32);
  }

  /** The same with convolutions, of queries and of their derivatives, in another precision. */
  public static Classifier of(Model model, Weights weights, Precision precision) {
    return new Classifier(model, weights, precision);
  }

  /**
   * The logits, [N, classes]: a function of x that is differentiable to any order.
   *
   * @param x images [N, H, W, 3], normalised
   */
  public Tensor logits(Tensor x) {
    return model.forward(pass, x);
  }

  /**
   * The logits of images in plain memory.
   *
   * @param images n of them, [n, height, width, 3] from the array's start, normalised
   * @return [n, classes]
   */
  @SuppressWarnings("try") // an open scope is used by the operations inside it
  public double[] logits(float[] images, int n, int height, int width) {
    try (Scope scope = Scope.open()) {
      DenseTensor x = DenseTensor.allocate(backend, Shape.of(n, height, width, 3));
      backend.upload(images, 0, x.buffer(), 0, Math.toIntExact(x.shape().elements()));
      return logits(x).toDoubles();
    }
  }

  /** What network this is. */
  public ModelSpec spec() {
    return model.spec();
  }

  /** Where it computes. */
  public Backend backend() {
    return backend;
  }

  /** Gives the memory back. */
  @Override
  public void close() {
    owner.close();
  }
}
