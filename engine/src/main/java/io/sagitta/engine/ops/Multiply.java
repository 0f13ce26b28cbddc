package io.sagitta.engine.ops;

import io.sagitta.engine.Dependence;
import io.sagitta.engine.Stencil;
import io.sagitta.engine.Tensor;
import io.sagitta.kernels.BinaryOp;

/** y = a·b. */
public final class Multiply extends Binary {
  /** The op; it has no attributes. */
  public static final Multiply INSTANCE = new Multiply();

  private Multiply() {
    super(BinaryOp.MUL);
  }

  @Override
  Tensor scaledByFirst(Tensor a, Tensor b, Tensor y, Tensor t) {
    return t.mul(b);
  }

  @Override
  Tensor scaledBySecond(Tensor a, Tensor b, Tensor y, Tensor t) {
    return t.mul(a);
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
        : StencilRules.product(Tensor::mul, inputs[0], inputs[1], stencils[0], stencils[1]);
  }
}
