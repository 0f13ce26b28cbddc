package io.sagitta.engine.ops;

import io.sagitta.engine.Tensor;
import io.sagitta.kernels.UnaryOp;

/** y = ln x; y′ = 1/x. */
public final class Log extends Unary {
  /** The op; it has no attributes. */
  public static final Log INSTANCE = new Log();

  private Log() {
    super(UnaryOp.LOG);
  }

  @Override
  Tensor scaled(Tensor x, Tensor y, Tensor t) {
    return t.div(x);
  }

  @Override
  boolean readsInput() {
    return true;
  }
}
