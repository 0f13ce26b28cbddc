package io.sagitta.engine.ops;

import io.sagitta.engine.Tensor;
import io.sagitta.kernels.UnaryOp;

/** y = max(x, 0); y′ = 1 where y &gt; 0, else 0. */
public final class Relu extends Unary {
  /** The op; it has no attributes. */
  public static final Relu INSTANCE = new Relu();

  private Relu() {
    super(UnaryOp.RELU);
  }

  @Override
  Tensor scaled(Tensor x, Tensor y, Tensor t) {
    return t.mask(y);
  }

  @Override
  boolean readsInput() {
    return false;
  }
}
