package io.sagitta.engine.ops;

import io.sagitta.engine.Dependence;
import io.sagitta.engine.Op;
import io.sagitta.engine.Tensor;

/**
 * What linear functions of an array share that an array of indices, the second argument, steers.
 */
abstract class Indexed extends Op {
  /** The adjoint applied to the result's gradient. */
  abstract Tensor adjoint(Tensor input, Tensor indices, Tensor gradient);

  @Override
  protected Tensor jvp(Tensor[] inputs, Tensor output, Tensor[] tangents) {
    return apply(tangents[0], inputs[1]);
  }

  @Override
  protected Tensor[] vjp(Tensor[] inputs, Tensor output, Tensor gradient, boolean[] needed) {
    return new Tensor[] {adjoint(inputs[0], inputs[1], gradient), null};
  }

  @Override
  protected boolean savesInput(int index, boolean[] needed) {
    return index == 1;
  }

  @Override
  protected Dependence dependence(boolean[] varying) {
    return Dependence.LINEAR;
  }
}
