package io.sagitta.engine.ops;

import io.sagitta.engine.DenseTensor;
import io.sagitta.engine.Shape;
import io.sagitta.engine.Tensor;

/** Repeats x along the axes where the target is longer; the adjoint of {@link SumTo}. */
public final class BroadcastTo extends Linear {
  private final Shape target;

  /** Makes the op. */
  public BroadcastTo(Shape target) {
    this.target = target;
  }

  @Override
  public String name() {
    return "broadcast_to";
  }

  @Override
  protected Shape outputShape(Shape[] inputs) {
    inputs[0].stridesIn(target);
    return target;
  }

  @Override
  protected void compute(DenseTensor[] inputs, DenseTensor output) {
    output.backend().copy(
        inputs[0].buffer(), 0, inputs[0].shape().stridesIn(target), output.buffer(), 0,
        target.strides(), target.longs());
  }

  @Override
  protected Tensor squaredNorms(
      Tensor[] inputs, Tensor output, Tensor gradient, boolean[] shared, int samples) {
    return SampleNorms.ofBroadcast(name(), gradient, inputs[0].shape(), samples);
  }

  @Override
  Tensor adjoint(Tensor input, Tensor gradient) {
    return gradient.sumTo(input.shape());
  }
}
