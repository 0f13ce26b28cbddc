package io.sagitta.engine.ops;

import io.sagitta.engine.DenseTensor;
import io.sagitta.engine.Shape;
import io.sagitta.engine.Tensor;
import io.sagitta.kernels.Buffer;
import java.util.List;

/**
 * The sums of a batch normalisation's backward pass, [2, C]: Σ g and Σ g·x̂ over the batch; takes
 * (x, statistics, gradient[, y]). Where the rectified output y is given, g is the gradient masked
 * by it. The statistics are x's own and carry no derivative.
 */
public final class BatchNormSums extends FusedOp {
  private final double epsilon;
  private final boolean masked;

  /** Makes the op. */
  public BatchNormSums(double epsilon, boolean masked) {
    this.epsilon = epsilon;
    this.masked = masked;
  }

  @Override
  public String name() {
    return "batch_norm_sums";
  }

  @Override
  protected Shape outputShape(Shape[] inputs) {
    BatchNorm.check(name(), inputs[0]);
    BatchNorm.checkStatistics(name(), inputs[0], inputs[1]);
    BatchNorm.checkShape(name(), "gradient", inputs[0], inputs[2]);
    if (masked) {
      BatchNorm.checkShape(name(), "output", inputs[0], inputs[3]);
    }
    return Shape.of(2, inputs[0].dim(-1));
  }

  @Override
  protected void compute(DenseTensor[] inputs, DenseTensor output) {
    Shape shape = inputs[0].shape();
    Buffer y = masked ? inputs[3].buffer() : null;
    output.backend().batchNormSums(
        inputs[0].buffer(), inputs[1].buffer(), inputs[2].buffer(), y, epsilon, output.buffer(),
        BatchNorm.rows(shape), shape.dim(-1));
  }

  @Override
  protected boolean isImage(int index, DenseTensor[] inputs) {
    return index == 0 || index >= 2;
  }

  @Override
  protected boolean makesImage() {
    return false;
  }

  @Override
  protected Tensor definition(Tensor... inputs) {
    Tensor normalized = BatchNorm.normalized(inputs[0], epsilon);
    Tensor g = masked ? inputs[2].mask(inputs[3]) : inputs[2];
    Shape row = Shape.of(1, inputs[0].shape().dim(-1));
    Shape channels = Shape.of(row.dim(1));
    return Concat.concat(
        0,
        List.of(
            g.sumTo(channels).reshape(row), g.mul(normalized).sumTo(channels).reshape(row)));
  }
}
