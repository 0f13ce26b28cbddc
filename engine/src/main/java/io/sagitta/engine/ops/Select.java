package io.sagitta.engine.ops;

import io.sagitta.engine.DenseTensor;
import io.sagitta.engine.Shape;
import io.sagitta.engine.Tensor;

/**
 * y[i] = x[winners[i]] over flat element indices, the linear map that a maximum pooling is once its
 * winners are known; takes (x, winners). Its adjoint is {@link Scatter}.
 */
public final class Select extends Indexed {
  private final Shape target;

  /**
   * Makes the op.
   *
   * @param target the result's shape, with as many elements as there are winners
   */
  public Select(Shape target) {
    this.target = target;
  }

  @Override
  public String name() {
    return "select";
  }

  @Override
  protected Shape outputShape(Shape[] inputs) {
    if (inputs[1].elements() != target.elements()) {
      throw new IllegalArgumentException(
          "select: expected " + target.elements() + " winners, got " + inputs[1]);
    }
    return target;
  }

  @Override
  protected void compute(DenseTensor[] inputs, DenseTensor output) {
    output.backend().select(inputs[0].buffer(), inputs[1].buffer(), output.buffer());
  }

  @Override
  protected boolean isImage(int index, DenseTensor[] inputs) {
    return index == 0;
  }

  @Override
  Tensor adjoint(Tensor input, Tensor indices, Tensor gradient) {
    return new Scatter(input.shape()).apply(gradient, indices);
  }
}
