package io.sagitta.engine.ops;

import io.sagitta.engine.Tensor;
import io.sagitta.kernels.UnaryOp;

/** y = √x; y′ = 1/(2y). */
public final class Sqrt extends Unary {
  /** The op; it has no attributes. */
  public static final Sqrt INSTANCE = new Sqrt();

  private Sqrt() {
    super(UnaryOp.SQRT);
  }

  @Override
  Tensor scaled(Tensor x, Tensor y, Tensor t) {
    return t.div(y).mul(0.5);
  }

  @Override
  boolean readsInput() {
    return false;
  }
}
