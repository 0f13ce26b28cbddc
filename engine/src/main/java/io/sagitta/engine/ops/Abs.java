package io.sagitta.engine.ops;

import io.sagitta.engine.Dependence;
import io.sagitta.engine.Stencil;
import io.sagitta.engine.Tensor;
import io.sagitta.kernels.UnaryOp;

/** y = |x|; y′ = sign x. */
public final class Abs extends Unary {
  /** The op; it has no attributes. */
  public static final Abs INSTANCE = new Abs();

  private Abs() {
    super(UnaryOp.ABS);
  }

  @Override
  Tensor scaled(Tensor x, Tensor y, Tensor t) {
    return t.mul(Sign.INSTANCE.apply(x));
  }

  @Override
  boolean readsInput() {
    return true;
  }

  @Override
  protected Dependence dependence(boolean[] varying) {
    return Dependence.PIECEWISE_LINEAR;
  }

  /** |s| = max(s, 0) + max(−s, 0). */
  @Override
  protected Stencil stencil(Tensor[] inputs, Tensor output, Stencil[] stencils) {
    return StencilRules.sum(
        Relu.of(inputs[0], stencils[0]),
        Relu.of(inputs[0].neg(), StencilRules.negative(stencils[0])));
  }
}
