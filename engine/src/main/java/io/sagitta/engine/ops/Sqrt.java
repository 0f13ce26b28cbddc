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
   * With y± = √(s + e/2 ± o), w± = y± + y and δ = y₊ − y₋ = 2·o/(y₊ + y₋): y± − y = (e/2 ± o)/w±, so that
   * 2·o′ = o·(1/w₊ + 1/w₋) − e·δ/(2·w₊w₋) and e′ = e/2·(1/w₊ + 1/w₋) − o·δ/(w₊w₋).
   */
  @Override
  protected Stencil stencil(Tensor[] inputs, Tensor output, Stencil[] stencils) {
    Tensor odd = stencils[0].odd();
    Tensor even = stencils[0].even();
    Tensor middle = even == null ? inputs[0] : inputs[0].add(even.mul(0.5));
    Tensor right = middle.add(odd).sqrt();
    Tensor left = middle.sub(odd).sqrt();
    Tensor product = right.add(output).mul(left.add(output));
    Tensor change = odd.mul(2).div(right.add(left)).div(product);
    Tensor mean = right.add(left).add(output.mul(2)).div(product);
    Tensor newOdd = odd.mul(mean).mul(0.5);
    Tensor newEven = odd.mul(change).neg();
    if (even != null) {
      newOdd = newOdd.sub(even.mul(change).mul(0.25));
      newEven = newEven.add(even.mul(mean).mul(0.5));
    }
    return new Stencil(newOdd, newEven);
  }
}
