package io.sagitta.engine.ops;

import io.sagitta.engine.DenseTensor;
import io.sagitta.engine.Shape;
import io.sagitta.engine.Tensor;

/**
 * Sums over the axes along which broadcasting from the target's shape to x's would repeat; the
 * adjoint of {@link BroadcastTo}.
 */
public final class SumTo extends Linear {
  private final Shape target;

  /** Makes the op. */
  public SumTo(Shape target) {
    this.target = target;
  }

  @Override
  public String name() {
    return "sum_to";
  }

  @Override
  protected Shape outputShape(Shape[] inputs) {
    target.stridesIn(inputs[0]);
    return target;
  }

  @Override
  protected void compute(DenseTensor[] inputs, DenseTensor output) {
    Reduction.over(
        inputs[0], target, output,
        (x, y, outer, reduced, inner) ->
            output.backend().sum(x.buffer(), y.buffer(), outer, reduced, inner));
  }

  @Override
  Tensor adjoint(Tensor input, Tensor gradient) {
    return gradient.broadcastTo(input.shape());
  }
}
