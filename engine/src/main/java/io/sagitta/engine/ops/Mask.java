package io.sagitta.engine.ops;

import io.sagitta.engine.Dependence;
import io.sagitta.engine.Tensor;
import io.sagitta.kernels.BinaryOp;

/** y = a where b &gt; 0, else 0; no derivative passes through b. */
public final class Mask extends Binary {
  /** The op; it has no attributes. */
  public static final Mask INSTANCE = new Mask();

  private Mask() {
    super(BinaryOp.MASK);
  }

  @Override
  Tensor scaledByFirst(Tensor a, Tensor b, Tensor y, Tensor t) {
    return t.mask(b);
  }

  @Override
  Tensor scaledBySecond(Tensor a, Tensor b, Tensor y, Tensor t) {
    return null;
  }

  @Override
  protected boolean savesInput(int index, boolean[] needed) {
    return index == 1;
  }

  @Override
  protected Dependence dependence(boolean[] varying) {
    return varying[1] ? Dependence.PIECEWISE_LINEAR : Dependence.LINEAR;
  }
}
