package io.sagitta.engine.ops;

import io.sagitta.engine.DenseTensor;
import io.sagitta.engine.Shape;
import io.sagitta.engine.Tensor;

/**
 * {@link BatchNormGradInput} masked by a rectifier whose output was not kept and is computed again;
 * takes (x, γ, β, statistics, gradient, sums).
 */
public final class NormReluGradInput extends FusedOp {
  private final double epsilon;

  /** Makes the op. */
  public NormReluGradInput(double epsilon) {
    this.epsilon = epsilon;
  }

  @Override
  public String name() {
    return "norm_relu_grad_input";
  }

  @Override
  protected Shape outputShape(Shape[] inputs) {
    NormReluConv2d.checkNorm(name(), inputs);
    BatchNorm.checkShape(name(), "gradient", inputs[0], inputs[4]);
    BatchNorm.checkShape(name(), "sums", inputs[3], inputs[5]);
    return inputs[0];
  }

  @Override
  protected void compute(DenseTensor[] inputs, DenseTensor output) {
    Shape shape = output.shape();
    output.backend().normReluGradInput(
        inputs[0].buffer(), NormReluConv2d.norm(inputs, epsilon), inputs[4].buffer(),
        inputs[5].buffer(), output.buffer(), BatchNorm.rows(shape), shape.dim(-1));
  }

  @Override
  protected boolean isImage(int index, DenseTensor[] inputs) {
    return index == 0 || index == 4;
  }

  @Override
  protected Tensor definition(Tensor... inputs) {
    Tensor y = NormReluConv2d.activation(inputs, epsilon);
    return new BatchNormGradInput(epsilon, true)
        .apply(inputs[0], inputs[1], inputs[3], inputs[4], inputs[5], y);
  }
}
