package io.sagitta.engine.ops;

import io.sagitta.engine.Stencil;
import io.sagitta.engine.Tensor;
import io.sagitta.kernels.UnaryOp;

/** y = √x; y′ = 1/(2y). */
public final class Sqrt extends SmoothUnary {
  /** The op; it has no attributes. */
  public static final Sqrt INSTANCE = new Sqrt();

  private Sqrt() {
    super(UnaryOp.SQRT);
  }

  @Override
  Tensor bent(Tensor z, Tensor v) {
    return v.div(z.square()).mul(-0.5);
  }

  /**
   * With y± = √(s + e/2 ± o) and w± = y± + y: y₊ − y₋ = 2·o/(y₊ + y₋) and y± − y = (e/2 ± o)/w±, so
   * that o′ = o/(y₊ + y₋) and e′ = e/2·(1/w₊ + 1/w₋) − 2·o·o′/(w₊w₋).
   */
  @Override
  protected Stencil stencil(Tensor[] inputs, Tensor output, Stencil[] stencils) {
    Tensor odd = stencils[0].odd();
    Tensor even = stencils[0].even();
    Tensor middle = even == null ? inputs[0] : inputs[0].add(even.mul(0.5));
    Tensor right = middle.add(odd).sqrt();
    Tensor left = middle.sub(odd).sqrt();
    Tensor product = right.add(output).mul(left.add(output));
    Tensor newOdd = odd.div(right.add(left));
    Tensor newEven = odd.mul(newOdd).mul(-2).div(product);
    if (even == null) {
      return new Stencil(newOdd, newEven);
    }
    Tensor mean = right.add(left).add(output.mul(2)).div(product);
    return new Stencil(newOdd, newEven.add(even.mul(mean).mul(0.5)));
  }
}
