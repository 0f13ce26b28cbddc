package io.sagitta.engine.ops;

import io.sagitta.engine.Stencil;
import io.sagitta.engine.Tensor;
import io.sagitta.kernels.UnaryOp;

/** y = eˣ; y′ = y. */
public final class Exp extends SmoothUnary {
  /** The op; it has no attributes. */
  public static final Exp INSTANCE = new Exp();

  private Exp() {
    super(UnaryOp.EXP);
  }

  @Override
  Tensor bent(Tensor z, Tensor v) {
    return v;
  }

  /** y(q ± r), exp(e/2 ± o) being 1 + q ± r: o′ = y·r, e′ = 2·y·q. */
  @Override
  protected Stencil stencil(Tensor[] inputs, Tensor output, Stencil[] stencils) {
    StencilRules.Growth growth = StencilRules.Growth.of(stencils[0]);
    return new Stencil(output.mul(growth.r()), output.mul(growth.q()).mul(2));
  }
}
