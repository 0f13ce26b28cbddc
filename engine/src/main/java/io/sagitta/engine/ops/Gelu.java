package io.sagitta.engine.ops;

import io.sagitta.engine.DenseTensor;
import io.sagitta.engine.Stencil;
import io.sagitta.engine.Tensor;
import io.sagitta.kernels.UnaryOp;

/**
 * y = x·Φ(x), Φ the distribution function of the standard normal (Hendrycks and Gimpel, "Gaussian
 * Error Linear Units", 2016, in its exact form); y′ is {@link GeluSlope}.
 */
public final class Gelu extends Unary {
  /** The op; it has no attributes. */
  public static final Gelu INSTANCE = new Gelu();

  private Gelu() {
    super(UnaryOp.GELU);
  }

  @Override
  Tensor scaled(Tensor x, Tensor y, Tensor t) {
    return t.mul(GeluSlope.INSTANCE.apply(x));
  }

  @Override
  boolean readsInput() {
    return true;
  }

  /** In one kernel; the formulas stand in the host's {@code Gelu}. */
  @Override
  protected Stencil stencil(Tensor[] inputs, Tensor output, Stencil[] stencils) {
    DenseTensor s = inputs[0].value();
    Tensor even = stencils[0].even();
    DenseTensor newOdd = DenseTensor.allocate(s.backend(), s.shape());
    DenseTensor newEven = DenseTensor.allocate(s.backend(), s.shape());
    s.backend()
        .stencilGelu(
            s.buffer(), stencils[0].odd().value().buffer(),
            even == null ? null : even.value().buffer(), newOdd.buffer(), newEven.buffer());
    return new Stencil(newOdd, newEven);
  }
}
