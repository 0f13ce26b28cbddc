package io.sagitta.engine.ops;

import io.sagitta.engine.Dependence;
import io.sagitta.engine.Stencil;
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

  @Override
  protected Dependence dependence(boolean[] varying) {
    return Dependence.PIECEWISE_LINEAR;
  }

  /**
   * With a, b, c = 1 where s + e/2 + o, s + e/2 − o, s are positive, else 0: o′ = ((a − b)(s + e/2)
   * + (a + b)o)/2 and e′ = (a + b − 2c)s + (a + b)e/2 + (a − b)o. Where the three agree this is
   * (o, e) or zero exactly; where they do not, s is no greater than the differences themselves, so
   * that nothing cancels.
   */
  @Override
  protected Stencil stencil(Tensor[] inputs, Tensor output, Stencil[] stencils) {
    Tensor s = inputs[0];
    Tensor odd = stencils[0].odd();
    Tensor even = stencils[0].even();
    Tensor half = even == null ? Tensor.zeros(s.backend(), s.shape()) : even.mul(0.5);
    Tensor middle = s.add(half);
    Tensor above = Step.INSTANCE.apply(middle.add(odd));
    Tensor below = Step.INSTANCE.apply(middle.sub(odd));
    Tensor sum = above.add(below);
    Tensor difference = above.sub(below);
    Tensor newOdd = difference.mul(middle).add(sum.mul(odd)).mul(0.5);
    Tensor centre = Step.INSTANCE.apply(s).mul(2);
    Tensor newEven =
        sum.sub(centre).mul(s).add(sum.mul(half)).add(difference.mul(odd));
    return new Stencil(newOdd, newEven);
  }
}
