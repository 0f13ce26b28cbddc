package io.sagitta.engine.ops;

import io.sagitta.engine.Dependence;
import io.sagitta.engine.Tensor;
import io.sagitta.kernels.BinaryOp;

/** y = a − b. */
public final class Subtract extends Binary {
  /** The op; it has no attributes. */
  public static final Subtract INSTANCE = new Subtract();

  private Subtract() {
    super(BinaryOp.SUB);
  }

  @Override
  Tensor scaledByFirst(Tensor a, Tensor b, Tensor y, Tensor t) {
    return t;
  }

  @Override
  Tensor scaledBySecond(Tensor a, Tensor b, Tensor y, Tensor t) {
    return t.neg();
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
