package io.sagitta.engine.ops;

import io.sagitta.engine.Dependence;
import io.sagitta.engine.Tensor;
import io.sagitta.kernels.BinaryOp;

/** y = 1 where a &gt; b, else 0; its derivative is zero. */
public final class Greater extends Binary {
  /** The op; it has no attributes. */
  public static final Greater INSTANCE = new Greater();

  private Greater() {
    super(BinaryOp.GREATER);
  }

  @Override
  Tensor scaledByFirst(Tensor a, Tensor b, Tensor y, Tensor t) {
    return null;
  }

  @Override
  Tensor scaledBySecond(Tensor a, Tensor b, Tensor y, Tensor t) {
    return null;
  }

  @Override
  protected boolean savesInput(int index, boolean[] needed) {
    return false;
  }

  @Override
  protected Dependence dependence(boolean[] varying) {
    return Dependence.PIECEWISE_LINEAR;
  }
}
