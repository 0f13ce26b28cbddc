package io.sagitta.engine.ops;

import io.sagitta.engine.DenseTensor;
import io.sagitta.engine.Shape;
import io.sagitta.engine.Tensor;
import io.sagitta.kernels.Precision;

/**
 * The weight gradient of {@link NormReluConv2d}: {@link Conv2dGradWeight} of max(0, x̂·γ + β); takes
 * (x, γ, β, statistics, gradient).
 */
public final class NormReluConv2dGradWeight extends FusedOp {
  private final double epsilon;
  private final ConvParameters parameters;
  private final Shape weight;
  private final Conv2dGradWeight conv;

  /**
   * Makes the op.
   *
   * @param weight the weights' shape
   */
  public NormReluConv2dGradWeight(double epsilon, ConvParameters parameters, Shape weight) {
    this.epsilon = epsilon;
    this.parameters = parameters;
    this.weight = weight;
    this.conv = new Conv2dGradWeight(parameters, weight);
  }

  @Override
  public String name() {
    return "norm_relu_conv2d_grad_weight";
  }

  @Override
  protected Shape outputShape(Shape[] inputs) {
    NormReluConv2d.checkNorm(name(), inputs);
    return conv.outputShape(new Shape[] {inputs[0], inputs[4]});
  }

  @Override
  protected void compute(DenseTensor[] inputs, DenseTensor output) {
    output.backend().normReluConv2dGradWeight(
        parameters.precision(), parameters.geometry(inputs[0].shape(), weight),
        inputs[0].buffer(), NormReluConv2d.norm(inputs, epsilon), inputs[4].buffer(),
        output.buffer());
  }

  @Override
  protected boolean isImage(int index, DenseTensor[] inputs) {
    return (index == 0 || index == 4) && parameters.precision() == Precision.BF16;
  }

  @Override
  protected boolean makesImage() {
    return false;
  }

  @Override
  protected Tensor definition(Tensor... inputs) {
    return conv.apply(NormReluConv2d.activation(inputs, epsilon), inputs[4]);
  }

  @Override
  protected NormReluConv2dGradWeight in(Precision precision) {
    return new NormReluConv2dGradWeight(epsilon, parameters.in(precision), weight);
  }
}
