package io.sagitta.engine.ops;

import io.sagitta.engine.DenseTensor;
import io.sagitta.engine.Shape;
import io.sagitta.engine.Tensor;

/**
 * x = 0, then x[winners[i]] += y[i] over flat element indices; takes (y, winners). The adjoint of
 * {@link Select}.
 */
public final class Scatter extends Indexed {
  private final Shape target;

  /** Makes the op; {@code target} is the result's shape. */
  public Scatter(Shape target) {
    this.target = target;
  }

  @Override
  public String name() {
    return "scatter";
  }

  @Override
  protected Shape outputShape(Shape[] inputs) {
    if (inputs[0].elements() != inputs[1].elements()) {
      throw new IllegalArgumentException(
          "scatter: " + inputs[0] + " elements for " + inputs[1] + " winners");
    }
    return target;
  }

  @Override
  protected void compute(DenseTensor[] inputs, DenseTensor output) {
    output.backend().scatter(inputs[0].buffer(), inputs[1].buffer(), output.buffer());
  }

  @Override
  protected boolean isImage(int index, DenseTensor[] inputs) {
    return index == 0;
  }

  @Override
  Tensor adjoint(Tensor input, Tensor indices, Tensor gradient) {
    return new Select(input.shape()).apply(gradient, indices);
  }
}
