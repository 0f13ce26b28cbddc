package io.sagitta.engine.ops;

import io.sagitta.engine.DenseTensor;
import io.sagitta.engine.Shape;
import io.sagitta.engine.Tensor;
import io.sagitta.kernels.Pool2dGeometry;

/** The adjoint of {@link AvgPool2d}: spreads the gradient of each window evenly over it. */
public final class AvgPool2dGrad extends Linear {
  private final Pool2dGeometry geometry;

  /** Makes the op. */
  public AvgPool2dGrad(Pool2dGeometry geometry) {
    this.geometry = geometry;
  }

  @Override
  public String name() {
    return "avg_pool2d_grad";
  }

  @Override
  protected Shape outputShape(Shape[] inputs) {
    if (!inputs[0].equals(Pooling.outputShape(geometry))) {
      throw new IllegalArgumentException(
          "avg_pool2d_grad: expected " + Pooling.outputShape(geometry) + ", got " + inputs[0]);
    }
    return Pooling.inputShape(geometry);
  }

  @Override
  protected void compute(DenseTensor[] inputs, DenseTensor output) {
    output.backend().avgPool2dGrad(geometry, inputs[0].buffer(), output.buffer());
  }

  @Override
  Tensor adjoint(Tensor input, Tensor gradient) {
    return new AvgPool2d(geometry).apply(gradient);
  }
}
