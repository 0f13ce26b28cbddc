package io.sagitta.engine.ops;

import io.sagitta.engine.DenseTensor;
import io.sagitta.engine.Shape;
import io.sagitta.engine.Tensor;
import io.sagitta.kernels.Buffer;

/**
 * The input gradient of a batch normalisation: γ/√(σ² + ε)·(g − sums₀/M − x̂·sums₁/M) with M =
 * N·H·W; takes (x, γ, statistics, gradient, sums[, y]). Where the rectified output y is given, g is
 * the gradient masked by it. The statistics are x's own and carry no derivative.
 */
public final class BatchNormGradInput extends FusedOp {
  private final double epsilon;
  private final boolean masked;

  /** Makes the op. */
  public BatchNormGradInput(double epsilon, boolean masked) {
    this.epsilon = epsilon;
    this.masked = masked;
  }

  @Override
  public String name() {
    return "batch_norm_grad_input";
  }

  @Override
  protected Shape outputShape(Shape[] inputs) {
    BatchNorm.check(name(), inputs[0], inputs[1]);
    BatchNorm.checkStatistics(name(), inputs[0], inputs[2]);
    BatchNorm.checkShape(name(), "gradient", inputs[0], inputs[3]);
    BatchNorm.checkShape(name(), "sums", inputs[2], inputs[4]);
    if (masked) {
      BatchNorm.checkShape(name(), "output", inputs[0], inputs[5]);
    }
    return inputs[0];
  }

  @Override
  protected void compute(DenseTensor[] inputs, DenseTensor output) {
    Shape shape = output.shape();
    Buffer y = masked ? inputs[5].buffer() : null;
    output.backend().batchNormGradInput(
        inputs[0].buffer(), inputs[2].buffer(), inputs[1].buffer(), inputs[3].buffer(), y,
        inputs[4].buffer(), epsilon, output.buffer(), BatchNorm.rows(shape), shape.dim(-1));
  }

  @Override
  protected boolean isImage(int index, DenseTensor[] inputs) {
    return index == 0 || index == 3 || index == 5;
  }

  @Override
  protected Tensor definition(Tensor... inputs) {
    Tensor x = inputs[0];
    double perRow = 1.0 / BatchNorm.rows(x.shape());
    Shape channels = inputs[1].shape();
    Tensor g = masked ? inputs[3].mask(inputs[5]) : inputs[3];
    Tensor meanGradient = inputs[4].slice(0, 0, 1).reshape(channels).mul(perRow);
    Tensor meanProduct = inputs[4].slice(0, 1, 1).reshape(channels).mul(perRow);
    Tensor centred = g.sub(meanGradient);
    Tensor inner = centred.sub(BatchNorm.normalized(x, epsilon).mul(meanProduct));
    return inner.mul(BatchNorm.inverseDeviation(x, epsilon).mul(inputs[1]));
  }
}
