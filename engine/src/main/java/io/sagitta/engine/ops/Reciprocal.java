package io.sagitta.engine.ops;

import io.sagitta.engine.Tensor;
import io.sagitta.kernels.UnaryOp;

/** y = 1/x; y′ = −y². */
public final class Reciprocal extends Unary {
  /** The op; it has no attributes. */
  public static final Reciprocal INSTANCE = new Reciprocal();

  private Reciprocal() {
    super(UnaryOp.RECIPROCAL);
  }

  @Override
  Tensor scaled(Tensor x, Tensor y, Tensor t) {
    return t.mul(y).mul(y).neg();
  }

  @Override
  boolean readsInput() {
    return false;
  }
}
