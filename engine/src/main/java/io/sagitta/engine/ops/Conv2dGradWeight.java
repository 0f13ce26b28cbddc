package io.sagitta.engine.ops;

import io.sagitta.engine.DenseTensor;
import io.sagitta.engine.Shape;
import io.sagitta.engine.Tensor;
import io.sagitta.kernels.Conv2dGeometry;
import io.sagitta.kernels.Precision;

/**
 * The adjoint of {@link Conv2d} in its weights: from images and a gradient of the result's shape to
 * a gradient of the weights' shape, summed over the batch.
 */
public final class Conv2dGradWeight extends Bilinear {
  private final ConvParameters parameters;
  private final Shape weightShape;

  /**
   * Makes the op.
   *
   * @param weightShape [K, C/groups, R, S], which the result has
   */
  public Conv2dGradWeight(ConvParameters parameters, Shape weightShape) {
    this.parameters = parameters;
    this.weightShape = weightShape;
  }

  @Override
  public String name() {
    return "conv2d_grad_weight";
  }

  @Override
  protected Shape outputShape(Shape[] inputs) {
    ConvParameters.checkGradient(name(), parameters.geometry(inputs[0], weightShape), inputs[1]);
    return weightShape;
  }

  @Override
  protected void compute(DenseTensor[] inputs, DenseTensor output) {
    Conv2dGeometry g = parameters.geometry(inputs[0].shape(), weightShape);
    output.backend().conv2dGradWeight(
        parameters.precision(), g, inputs[0].buffer(), inputs[1].buffer(), output.buffer());
  }

  @Override
  protected boolean isImage(int index, DenseTensor[] inputs) {
    return parameters.precision() == Precision.BF16;
  }

  @Override
  protected boolean makesImage() {
    return false;
  }

  @Override
  protected Tensor[] vjp(Tensor[] inputs, Tensor output, Tensor gradient, boolean[] needed) {
    Tensor x = inputs[0];
    Tensor gradY = inputs[1];
    return new Tensor[] {
      needed[0] ? new Conv2dGradInput(parameters, x.shape()).apply(gradient, gradY) : null,
      needed[1] ? new Conv2d(parameters).apply(x, gradient) : null
    };
  }

  @Override
  protected Conv2dGradWeight in(Precision precision) {
    return new Conv2dGradWeight(parameters.in(precision), weightShape);
  }
}
