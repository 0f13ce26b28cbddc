package io.sagitta.engine.ops;

import io.sagitta.engine.Tensor;
import io.sagitta.kernels.UnaryOp;

/** y = eˣ; y′ = y. */
public final class Exp extends Unary {
  /** The op; it has no attributes. */
  public static final Exp INSTANCE = new Exp();

  private Exp() {
    super(UnaryOp.EXP);
  }

  @Override
  Tensor scaled(Tensor x, Tensor y, Tensor t) {
    return t.mul(y);
  }

  @Override
  boolean readsInput() {
    return false;
  }
}
