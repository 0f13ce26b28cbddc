package io.sagitta.engine.ops;

import io.sagitta.engine.Dependence;
import io.sagitta.engine.Tensor;
import io.sagitta.kernels.UnaryOp;

/** y = sign x: −1, 0 or 1; y′ = 0. */
public final class Sign extends Unary {
  /** The op; it has no attributes. */
  public static final Sign INSTANCE = new Sign();

  private Sign() {
    super(UnaryOp.SIGN);
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
