package io.sagitta.engine.ops;

import io.sagitta.engine.Tensor;
import io.sagitta.kernels.UnaryOp;

/**
 * y = Φ(x) + x·φ(x), the derivative of {@link Gelu}, φ the density of the standard normal; y′ = (2 −
 * x²)·φ(x).
 */
public final class GeluSlope extends Unary {
  /** The op; it has no attributes. */
  public static final GeluSlope INSTANCE = new GeluSlope();

  private static final double DENSITY = 1 / Math.sqrt(2 * Math.PI);

  private GeluSlope() {
    super(UnaryOp.GELU_SLOPE);
  }

  @Override
  Tensor scaled(Tensor x, Tensor y, Tensor t) {
    Tensor square = x.square();
    Tensor bell = square.mul(-0.5).exp();
    return t.mul(bell).mul(new Affine(-DENSITY, 2 * DENSITY).apply(square));
  }

  @Override
  boolean readsInput() {
    return true;
  }
}
