package io.sagitta.engine.ops;

import io.sagitta.engine.DenseTensor;
import io.sagitta.engine.Stencil;
import io.sagitta.engine.Tensor;
import io.sagitta.kernels.Backend;
import io.sagitta.kernels.UnaryOp;

/**
 * y = x·Φ(x), Φ the distribution function of the standard normal (Hendrycks and Gimpel, "Gaussian
 * Error Linear Units", 2016, in its exact form); y′ = Φ(x) + x·φ(x) and y″ = (2 − x²)·φ(x), φ its
 * density.
 */
public final class Gelu extends SmoothUnary {
  /** The op; it has no attributes. */
  public static final Gelu INSTANCE = new Gelu();

  private static final double DENSITY = 1 / Math.sqrt(2 * Math.PI);

  private Gelu() {
    super(UnaryOp.GELU);
  }

  @Override
  Tensor bent(Tensor z, Tensor v) {
    Tensor square = z.square();
    Tensor bell = square.mul(-0.5).exp();
    return v.mul(bell).mul(new Affine(-DENSITY, 2 * DENSITY).apply(square));
  }

  /** In one kernel; the formulas stand in the host's {@code Gelu}. */
  @Override
  protected Stencil stencil(Tensor[] inputs, Tensor output, Stencil[] stencils) {
    DenseTensor s = inputs[0].value().wide();
    Backend backend = s.backend();
    return StencilRules.byKernel(
        backend, s.shape(), stencils[0],
        (odd, even, newOdd, newEven) ->
            backend.stencilGelu(s.buffer(), odd, even, newOdd, newEven));
  }
}
