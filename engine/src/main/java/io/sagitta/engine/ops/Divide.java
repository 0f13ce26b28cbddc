package io.sagitta.engine.ops;

import io.sagitta.engine.Dependence;
import io.sagitta.engine.Stencil;
import io.sagitta.engine.Tensor;
import io.sagitta.kernels.BinaryOp;

/** y = a/b; ∂y/∂a = 1/b, ∂y/∂b = −y/b. */
public final class Divide extends Binary {
  /** The op; it has no attributes. */
  public static final Divide INSTANCE = new Divide();

  private Divide() {
    super(BinaryOp.DIV);
  }

  @Override
  Tensor scaledByFirst(Tensor a, Tensor b, Tensor y, Tensor t) {
    return t.div(b);
  }

  @Override
  Tensor scaledBySecond(Tensor a, Tensor b, Tensor y, Tensor t) {
    return t.mul(y).div(b).neg();
  }

  @Override
  protected boolean savesInput(int index, boolean[] needed) {
    return index == 1;
  }

  @Override
  protected boolean savesOutput() {
    return true;
  }

  @Override
  protected Dependence dependence(boolean[] varying) {
    return varying[1] ? Dependence.SMOOTH : Dependence.LINEAR;
  }

  /** a·(1/b). */
  @Override
  protected Stencil stencil(Tensor[] inputs, Tensor output, Stencil[] stencils) {
    if (stencils[1] == null) {
      return super.stencil(inputs, output, stencils);
    }
    Tensor reciprocal = inputs[1].reciprocal();
    Stencil ofReciprocal = Reciprocal.of(reciprocal, stencils[1]);
    if (stencils[0] == null) {
      return new Stencil(
          inputs[0].mul(ofReciprocal.odd()), inputs[0].mul(ofReciprocal.even()));
    }
    return StencilRules.product(
        Tensor::mul, inputs[0], reciprocal, stencils[0], ofReciprocal);
  }
}
