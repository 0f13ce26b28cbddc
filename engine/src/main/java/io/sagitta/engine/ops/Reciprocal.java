package io.sagitta.engine.ops;

import io.sagitta.engine.Stencil;
import io.sagitta.engine.Tensor;
import io.sagitta.kernels.UnaryOp;

/** y = 1/x; y′ = −y². */
public final class Reciprocal extends SmoothUnary {
  /** The op; it has no attributes. */
  public static final Reciprocal INSTANCE = new Reciprocal();

  private Reciprocal() {
    super(UnaryOp.RECIPROCAL);
  }

  @Override
  Tensor bent(Tensor z, Tensor v) {
    return v.mul(z).mul(-2);
  }

  /**
   * With a = y·e/2, b = y·o and D = (1 + a)² − b²: o′ = −y·b/D, e′ = 2·y·(b² − a(1 + a))/D.
   */
  @Override
  protected Stencil stencil(Tensor[] inputs, Tensor output, Stencil[] stencils) {
    return of(output, stencils[0]);
  }

  /** How 1/s changes, y being its value. */
  static Stencil of(Tensor y, Stencil ofInput) {
    Tensor b = y.mul(ofInput.odd());
    Tensor squares = b.square();
    if (ofInput.even() == null) {
      Tensor scaled = y.div(squares.neg().add(1));
      return new Stencil(scaled.mul(b).neg(), scaled.mul(squares).mul(2));
    }
    Tensor a = y.mul(ofInput.even()).mul(0.5);
    Tensor scaled = y.div(a.add(1).square().sub(squares));
    return new Stencil(
        scaled.mul(b).neg(), scaled.mul(squares.sub(a.mul(a.add(1)))).mul(2));
  }
}
