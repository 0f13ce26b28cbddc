package io.sagitta.engine.ops;

import io.sagitta.engine.Tensor;
import io.sagitta.kernels.UnaryOp;

/** y = ln x; y′ = 1/x. */
public final class Log extends SmoothUnary {
  /** The op; it has no attributes. */
  public static final Log INSTANCE = new Log();

  private Log() {
    super(UnaryOp.LOG);
  }

  @Override
  Tensor bent(Tensor z, Tensor v) {
    return v.div(z.square()).neg();
  }
}
