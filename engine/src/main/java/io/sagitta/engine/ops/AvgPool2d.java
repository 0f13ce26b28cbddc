package io.sagitta.engine.ops;

import io.sagitta.engine.DenseTensor;
import io.sagitta.engine.Shape;
import io.sagitta.engine.Tensor;
import io.sagitta.kernels.Pool2dGeometry;

/** The mean of each window of images [N, H, W, C], padding counted as zeros. */
public final class AvgPool2d extends Linear {
  private final Pool2dGeometry geometry;

  /** Makes the op. */
  public AvgPool2d(Pool2dGeometry geometry) {
    this.geometry = geometry;
  }

  @Override
  public String name() {
    return "avg_pool2d";
  }

  @Override
  protected Shape outputShape(Shape[] inputs) {
    if (!inputs[0].equals(Pooling.inputShape(geometry))) {
      throw new IllegalArgumentException(
          "avg_pool2d: expected " + Pooling.inputShape(geometry) + ", got " + inputs[0]);
    }
    return Pooling.outputShape(geometry);
  }

  @Override
  protected void compute(DenseTensor[] inputs, DenseTensor output) {
    output.backend().avgPool2d(geometry, inputs[0].buffer(), output.buffer());
  }

  @Override
  Tensor adjoint(Tensor input, Tensor gradient) {
    return new AvgPool2dGrad(geometry).apply(gradient);
  }
}
