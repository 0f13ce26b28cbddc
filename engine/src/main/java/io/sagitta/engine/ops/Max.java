package io.sagitta.engine.ops;

import io.sagitta.engine.DenseTensor;
import io.sagitta.engine.Dependence;
import io.sagitta.engine.Op;
import io.sagitta.engine.Shape;
import io.sagitta.engine.Tensor;

/**
 * The maximum over axes, which keep the extent 1. Both rules weigh the elements equal to the
 * maximum by one over their number, so that ties share.
 */
public final class Max extends Op {
  private final Shape target;

  /**
   * Makes the op.
   *
   * @param target x's shape with extent 1 along the reduced axes
   */
  public Max(Shape target) {
    this.target = target;
  }

  @Override
  public String name() {
    return "max_over";
  }

  @Override
  protected Shape outputShape(Shape[] inputs) {
    target.stridesIn(inputs[0]);
    if (inputs[0].elements() == 0) {
      throw new IllegalArgumentException("max_over: no maximum of an empty tensor " + inputs[0]);
    }
    return target;
  }

  @Override
  protected void compute(DenseTensor[] inputs, DenseTensor output) {
    Reduction.over(
        inputs[0], target, output,
        (x, y, outer, reduced, inner) ->
            output.backend().max(x.buffer(), y.buffer(), outer, reduced, inner));
  }

  @Override
  protected Tensor jvp(Tensor[] inputs, Tensor output, Tensor[] tangents) {
    return tangents[0].mul(weights(inputs[0], output)).sumTo(target);
  }

  @Override
  protected Tensor[] vjp(Tensor[] inputs, Tensor output, Tensor gradient, boolean[] needed) {
    return new Tensor[] {weights(inputs[0], output).mul(gradient)};
  }

  @Override
  protected boolean savesOutput() {
    return true;
  }

  private Tensor weights(Tensor x, Tensor y) {
    Tensor winners = y.greater(x).mul(-1).add(1);
    return winners.div(winners.sumTo(target));
  }

  @Override
  protected Dependence dependence(boolean[] varying) {
    return Dependence.PIECEWISE_LINEAR;
  }
}
