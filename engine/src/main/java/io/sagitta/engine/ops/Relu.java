package io.sagitta.engine.ops;

import io.sagitta.engine.DenseTensor;
import io.sagitta.engine.Dependence;
import io.sagitta.engine.Stencil;
import io.sagitta.engine.Tensor;
import io.sagitta.kernels.Backend;
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

  @Override
  protected Stencil stencil(Tensor[] inputs, Tensor output, Stencil[] stencils) {
    return of(inputs[0], stencils[0]);
  }

  /** How max(s, 0) changes. */
  static Stencil of(Tensor input, Stencil stencil) {
    DenseTensor s = input.value().wide();
    Backend backend = s.backend();
    return StencilRules.byImageKernel(
        backend, s.shape(), stencil,
        (odd, even, newOdd, newEven) ->
            backend.stencilRelu(s.buffer(), odd, even, newOdd, newEven));
  }
}
