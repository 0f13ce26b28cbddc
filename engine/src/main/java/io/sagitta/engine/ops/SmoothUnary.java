package io.sagitta.engine.ops;

import io.sagitta.engine.DenseTensor;
import io.sagitta.engine.Dual;
import io.sagitta.engine.Tensor;
import io.sagitta.kernels.UnaryOp;

/**
 * What elementwise functions share that have derivatives of every order: y′ is read from y, or from
 * x where {@link UnaryOp#slopeReadsArgument}, and {@link Slope} multiplies by it.
 */
abstract class SmoothUnary extends Unary {
  private final UnaryOp kernel;
  private final Slope slope;

  SmoothUnary(UnaryOp kernel) {
    super(kernel);
    this.kernel = kernel;
    this.slope = new Slope(this, kernel);
  }

  /**
   * The derivative of y′ times v.
   *
   * @param z what y′ is read from, in which it is differentiated
   */
  abstract Tensor bent(Tensor z, Tensor v);

  /** y′ times its second argument, as an op. */
  public final Slope slope() {
    return slope;
  }

  @Override
  final boolean readsInput() {
    return kernel.slopeReadsArgument();
  }

  @Override
  final Tensor scaled(Tensor x, Tensor y, Tensor t) {
    return slope.apply(readsInput() ? x : y, t);
  }

  @Override
  protected final Dual dual(DenseTensor[] inputs, DenseTensor[] tangents) {
    Dual y = Dual.allocate(inputs[0], inputs[0].shape());
    y.value().backend().unaryDual(
        kernel, inputs[0].buffer(), tangents[0].buffer(), y.value().buffer(),
        y.tangent().buffer());
    return y;
  }
}
