package io.sagitta.engine.ops;

import io.sagitta.engine.Dependence;
import io.sagitta.engine.Op;
import io.sagitta.engine.Stencil;
import io.sagitta.engine.Tensor;

/**
 * What functions of two arguments share that are linear in each: the tangent is the function of
 * each tangent with the other argument, and a gradient reads the other argument alone.
 */
abstract class Bilinear extends Op {
  @Override
  protected Tensor jvp(Tensor[] inputs, Tensor output, Tensor[] tangents) {
    return Tangents.add(
        tangents[0] == null ? null : apply(tangents[0], inputs[1]),
        tangents[1] == null ? null : apply(inputs[0], tangents[1]));
  }

  @Override
  protected boolean savesInput(int index, boolean[] needed) {
    return needed[1 - index];
  }

  @Override
  protected Dependence dependence(boolean[] varying) {
    return varying[0] && varying[1] ? Dependence.SMOOTH : Dependence.LINEAR;
  }

  @Override
  protected Stencil stencil(Tensor[] inputs, Tensor output, Stencil[] stencils) {
    return stencils[0] == null || stencils[1] == null
        ? super.stencil(inputs, output, stencils)
        : StencilRules.product(
            (a, b) -> apply(a, b), inputs[0], inputs[1], stencils[0], stencils[1]);
  }
}
