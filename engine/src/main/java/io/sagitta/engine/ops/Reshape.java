package io.sagitta.engine.ops;

import io.sagitta.engine.DenseTensor;
import io.sagitta.engine.Shape;
import io.sagitta.engine.Tensor;

/** The same elements in another shape: a view, which costs nothing. */
public final class Reshape extends Linear {
  private final Shape target;

  /** Makes the op. */
  public Reshape(Shape target) {
    this.target = target;
  }

  @Override
  public String name() {
    return "reshape";
  }

  @Override
  protected Shape outputShape(Shape[] inputs) {
    if (inputs[0].elements() != target.elements()) {
      throw new IllegalArgumentException(
          "reshape: " + inputs[0] + " has " + inputs[0].elements() + " elements, " + target
              + " has " + target.elements());
    }
    return target;
  }

  @Override
  protected DenseTensor forward(DenseTensor[] inputs) {
    outputShape(new Shape[] {inputs[0].shape()});
    return inputs[0].view(target);
  }

  @Override
  protected void compute(DenseTensor[] inputs, DenseTensor output) {
    throw new IllegalStateException("reshape is a view");
  }

  @Override
  Tensor adjoint(Tensor input, Tensor gradient) {
    return gradient.reshape(input.shape());
  }
}
