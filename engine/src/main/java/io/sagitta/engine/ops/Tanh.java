package io.sagitta.engine.ops;

import io.sagitta.engine.Tensor;
import io.sagitta.kernels.UnaryOp;

/** y = tanh x; y′ = 1 − y². */
public final class Tanh extends Unary {
  /** The op; it has no attributes. */
  public static final Tanh INSTANCE = new Tanh();

  private Tanh() {
    super(UnaryOp.TANH);
  }

  @Override
  Tensor scaled(Tensor x, Tensor y, Tensor t) {
    return t.sub(t.mul(y).mul(y));
  }

  @Override
  boolean readsInput() {
    return false;
  }
}
