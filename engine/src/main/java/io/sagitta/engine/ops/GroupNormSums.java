package io.sagitta.engine.ops;

import io.sagitta.engine.DenseTensor;
import io.sagitta.engine.Shape;
import io.sagitta.engine.Tensor;
import io.sagitta.kernels.Buffer;
import io.sagitta.kernels.GroupNormGeometry;
import java.util.List;

/**
 * The sums of a group normalisation's backward pass, [N, 2, C]: Σ g and Σ g·x̂ over each sample's
 * pixels; takes (x, statistics, gradient[, y]). Where the rectified output y is given, g is the
 * gradient masked by it. The statistics are x's own and carry no derivative.
 */
public final class GroupNormSums extends FusedOp {
  private final double epsilon;
  private final boolean masked;

  /** Makes the op. */
  public GroupNormSums(double epsilon, boolean masked) {
    this.epsilon = epsilon;
    this.masked = masked;
  }

  @Override
  public String name() {
    return "group_norm_sums";
  }

  @Override
  protected Shape outputShape(Shape[] inputs) {
    BatchNorm.check(name(), inputs[0]);
    GroupNorm.geometry(name(), inputs[0], inputs[1]);
    BatchNorm.checkShape(name(), "gradient", inputs[0], inputs[2]);
    if (masked) {
      BatchNorm.checkShape(name(), "output", inputs[0], inputs[3]);
    }
    return Shape.of(inputs[0].dim(0), 2, inputs[0].dim(-1));
  }

  @Override
  protected void compute(DenseTensor[] inputs, DenseTensor output) {
    Buffer y = masked ? inputs[3].buffer() : null;
    output.backend().groupNormSums(
        GroupNorm.geometry(name(), inputs[0].shape(), inputs[1].shape()), inputs[0].buffer(),
        inputs[1].buffer(), inputs[2].buffer(), y, epsilon, output.buffer());
  }

  @Override
  protected Tensor definition(Tensor... inputs) {
    GroupNormGeometry g = GroupNorm.geometry(name(), inputs[0].shape(), inputs[1].shape());
    Shape images = Shape.of(g.samples(), g.rows(), g.channels());
    Shape perChannel = Shape.of(g.samples(), 1, g.channels());
    Tensor normalized = GroupNorm.normalized(inputs[0], g, epsilon).reshape(images);
    Tensor gradient = (masked ? inputs[2].mask(inputs[3]) : inputs[2]).reshape(images);
    return Concat.concat(
        1, List.of(gradient.sumTo(perChannel), gradient.mul(normalized).sumTo(perChannel)));
  }
}
