package io.sagitta.engine.ops;

import io.sagitta.engine.Dependence;
import io.sagitta.engine.Op;
import io.sagitta.engine.Tensor;

/**
 * What linear functions of one argument share: the tangent goes through the function itself, the
 * gradient through its adjoint, and no value is saved.
 */
abstract class Linear extends Op {
  /** The adjoint applied to the result's gradient. */
  abstract Tensor adjoint(Tensor input, Tensor gradient);

  @Override
  protected Tensor jvp(Tensor[] inputs, Tensor output, Tensor[] tangents) {
    return apply(tangents[0]);
  }

  @Override
  protected Tensor[] vjp(Tensor[] inputs, Tensor output, Tensor gradient, boolean[] needed) {
    return new Tensor[] {adjoint(inputs[0], gradient)};
  }

  @Override
  protected boolean savesInput(int index, boolean[] needed) {
    return false;
  }

  @Override
  protected Dependence dependence(boolean[] varying) {
    return Dependence.LINEAR;
  }
}
