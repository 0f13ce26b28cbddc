package io.sagitta.engine.ops;

import io.sagitta.engine.Dependence;
import io.sagitta.engine.Shape;
import io.sagitta.engine.Stencil;
import io.sagitta.engine.Tensor;
import io.sagitta.kernels.BinaryOp;

/** y = max(a, b); where a = b the derivative goes to a. */
public final class Maximum extends Binary {
  /** The op; it has no attributes. */
  public static final Maximum INSTANCE = new Maximum();

  private Maximum() {
    super(BinaryOp.MAX);
  }

  @Override
  Tensor scaledByFirst(Tensor a, Tensor b, Tensor y, Tensor t) {
    return t.mask(new Affine(-1, 1).apply(b.greater(a)));
  }

  @Override
  Tensor scaledBySecond(Tensor a, Tensor b, Tensor y, Tensor t) {
    return t.mask(b.greater(a));
  }

  @Override
  protected boolean savesInput(int index, boolean[] needed) {
    return true;
  }

  @Override
  protected Dependence dependence(boolean[] varying) {
    return Dependence.PIECEWISE_LINEAR;
  }

  /** max(a, b) = b + max(a − b, 0). */
  @Override
  protected Stencil stencil(Tensor[] inputs, Tensor output, Stencil[] stencils) {
    Shape shape = output.shape();
    Stencil a = broadcast(stencils[0], shape);
    Stencil b = broadcast(stencils[1], shape);
    Stencil minusB = b == null ? null : StencilRules.negative(b);
    Stencil difference =
        a == null ? minusB : minusB == null ? a : StencilRules.sum(a, minusB);
    Stencil rectified = Relu.of(inputs[0].sub(inputs[1]), difference);
    return b == null ? rectified : StencilRules.sum(b, rectified);
  }

  private static Stencil broadcast(Stencil stencil, Shape shape) {
    if (stencil == null) {
      return null;
    }
    Tensor even = stencil.even();
    return new Stencil(
        stencil.odd().broadcastTo(shape), even == null ? null : even.broadcastTo(shape));
  }
}
