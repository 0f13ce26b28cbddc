package io.sagitta.engine.ops;

import io.sagitta.engine.Dependence;
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
}
