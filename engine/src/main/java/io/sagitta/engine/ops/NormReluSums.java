package io.sagitta.engine.ops;

import io.sagitta.engine.DenseTensor;
import io.sagitta.engine.Shape;
import io.sagitta.engine.Tensor;

/**
 * {@link BatchNormSums} masked by a rectifier whose output was not kept and is computed again; takes
 * (x, γ, β, statistics, gradient).
 */
public final class NormReluSums extends FusedOp {
  private final double epsilon;

  /** Makes the op. */
  public NormReluSums(double epsilon) {
    this.epsilon = epsilon;
  }

  @Override
  public String name() {
    return "norm_relu_sums";
  }

  @Override
  protected Shape outputShape(Shape[] inputs) {
    NormReluConv2d.checkNorm(name(), inputs);
    BatchNorm.checkShape(name(), "gradient", inputs[0], inputs[4]);
    return inputs[3];
  }

  @Override
  protected void compute(DenseTensor[] inputs, DenseTensor output) {
    Shape shape = inputs[0].shape();
    output.backend().normReluSums(
        inputs[0].buffer(), NormReluConv2d.norm(inputs, epsilon), inputs[4].buffer(),
        output.buffer(), BatchNorm.rows(shape), shape.dim(-1));
  }

  @Override
  protected boolean isImage(int index, DenseTensor[] inputs) {
    return index == 0 || index == 4;
  }

  @Override
  protected boolean makesImage() {
    return false;
  }

  @Override
  protected Tensor definition(Tensor... inputs) {
    Tensor y = NormReluConv2d.activation(inputs, epsilon);
    return new BatchNormSums(epsilon, true).apply(inputs[0], inputs[3], inputs[4], y);
  }
}
