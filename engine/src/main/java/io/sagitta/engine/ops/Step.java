package io.sagitta.engine.ops;

import io.sagitta.engine.Dependence;
import io.sagitta.engine.Tensor;
import io.sagitta.kernels.UnaryOp;

/** y = 1 where x &gt; 0, else 0; y′ = 0. */
public final class Step extends Unary {
  /** The op; it has no attributes. */
  public static final Step INSTANCE = new Step();

  private Step() {
    super(UnaryOp.STEP);
  }

  @Override
  Tensor scaled(Tensor x, Tensor y, Tensor t) {
    return null;
  }

  @Override
  boolean readsInput() {
    return false;
  }

  @Override
  protected Dependence dependence(boolean[] varying) {
    return Dependence.PIECEWISE_LINEAR;
  }
}
