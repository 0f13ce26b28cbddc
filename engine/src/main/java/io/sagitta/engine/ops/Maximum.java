package io.sagitta.engine.ops;

import io.sagitta.engine.Dependence;
import io.sagitta.engine.Tensor;
import io.sagitta.kernels.BinaryOp;

/** y = max(a, b); where a = b the derivative goes to a. */
public final class Maximum extends Binary {
  /** The op; it has no attributes. */
  public static final Maximum INSTANCE = new Maximum();

  private Maximum() {
    super(BinaryOp.MAX);
  }

  @Override
  Tensor scaledByFirst(Tensor a, Tensor b, Tensor y, Tensor t) {
    return t.sub(t.mask(b.greater(a)));
  }

  @Override
  Tensor scaledBySecond(Tensor a, Tensor b, Tensor y, Tensor t) {
    return t.mask(b.greater(a));
  }

  @Override
  protected boolean savesInput(int index, boolean[] needed) {
    return true;
  }

  @Override
  protected Dependence dependence(boolean[] varying) {
    return Dependence.PIECEWISE_LINEAR;
  }
}
