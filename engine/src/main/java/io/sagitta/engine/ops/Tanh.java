package io.sagitta.engine.ops;

import io.sagitta.engine.Stencil;
import io.sagitta.engine.Tensor;
import io.sagitta.kernels.UnaryOp;

/** y = tanh x; y′ = 1 − y². */
public final class Tanh extends SmoothUnary {
  /** The op; it has no attributes. */
  public static final Tanh INSTANCE = new Tanh();

  private Tanh() {
    super(UnaryOp.TANH);
  }

  @Override
  Tensor bent(Tensor z, Tensor v) {
    return v.mul(z).mul(-2);
  }

  /**
   * With p = tanh(e/2 + o) and m = tanh(e/2 − o), the addition theorem tanh(s + a) = (y + tanh a)/(1 +
   * y·tanh a) gives o′ = (1 − y²)·tanh(2o)·(1 − pm)/(2(1 + yp)(1 + ym)) and e′ = (1 − y²)·(tanh(e)·(1
   * + pm) + 2·y·pm)/((1 + yp)(1 + ym)).
   */
  @Override
  protected Stencil stencil(Tensor[] inputs, Tensor output, Stencil[] stencils) {
    Tensor odd = stencils[0].odd();
    Tensor even = stencils[0].even();
    Tensor p = even == null ? odd.tanh() : even.mul(0.5).add(odd).tanh();
    Tensor m = even == null ? p.neg() : even.mul(0.5).sub(odd).tanh();
    Tensor pm = p.mul(m);
    Tensor below = output.mul(p).add(1).mul(output.mul(m).add(1));
    Tensor slope = output.square().neg().add(1).div(below);
    Tensor newOdd = slope.mul(odd.mul(2).tanh()).mul(pm.neg().add(1)).mul(0.5);
    Tensor bend = output.mul(pm).mul(2);
    Tensor drift = even == null ? bend : even.tanh().mul(pm.add(1)).add(bend);
    return new Stencil(newOdd, slope.mul(drift));
  }
}
