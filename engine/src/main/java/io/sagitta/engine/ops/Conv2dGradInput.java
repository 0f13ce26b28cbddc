package io.sagitta.engine.ops;

import io.sagitta.engine.DenseTensor;
import io.sagitta.engine.Shape;
import io.sagitta.engine.Tensor;
import io.sagitta.kernels.Conv2dGeometry;
import io.sagitta.kernels.Precision;

/**
 * The adjoint of {@link Conv2d} in its images, a transposed convolution: from weights and a
 * gradient of the result's shape to a gradient of the images' shape.
 */
public final class Conv2dGradInput extends Bilinear {
  private final ConvParameters parameters;
  private final Shape imageShape;

  /**
   * Makes the op.
   *
   * @param imageShape [N, H, W, C], which the result has
   */
  public Conv2dGradInput(ConvParameters parameters, Shape imageShape) {
    this.parameters = parameters;
    this.imageShape = imageShape;
  }

  @Override
  public String name() {
    return "conv2d_grad_input";
  }

  @Override
  protected Shape outputShape(Shape[] inputs) {
    ConvParameters.checkGradient(name(), parameters.geometry(imageShape, inputs[0]), inputs[1]);
    return imageShape;
  }

  @Override
  protected void compute(DenseTensor[] inputs, DenseTensor output) {
    Conv2dGeometry g = parameters.geometry(imageShape, inputs[0].shape());
    output.backend().conv2dGradInput(
        parameters.precision(), g, inputs[0].buffer(), inputs[1].buffer(), output.buffer());
  }

  @Override
  protected boolean isImage(int index, DenseTensor[] inputs) {
    return index == 1 && parameters.precision() == Precision.BF16;
  }

  @Override
  protected Tensor[] vjp(Tensor[] inputs, Tensor output, Tensor gradient, boolean[] needed) {
    Tensor w = inputs[0];
    Tensor gradY = inputs[1];
    return new Tensor[] {
      needed[0] ? new Conv2dGradWeight(parameters, w.shape()).apply(gradient, gradY) : null,
      needed[1] ? new Conv2d(parameters).apply(gradient, w) : null
    };
  }

  @Override
  protected Conv2dGradInput in(Precision precision) {
    return new Conv2dGradInput(parameters.in(precision), imageShape);
  }
}
