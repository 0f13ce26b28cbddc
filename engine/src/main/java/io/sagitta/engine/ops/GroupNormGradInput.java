package io.sagitta.engine.ops;

import io.sagitta.engine.DenseTensor;
import io.sagitta.engine.Shape;
import io.sagitta.engine.Tensor;
import io.sagitta.kernels.Buffer;
import io.sagitta.kernels.GroupNormGeometry;

/**
 * The input gradient of a group normalisation: (γ·g − a − x̂·b)/√(σ² + ε), a and b the means of γ·g
 * and γ·g·x̂ over the group; takes (x, γ, statistics, gradient, sums[, y]), sums what {@link
 * GroupNormSums} gives. Where the rectified output y is given, g is the gradient masked by it. The
 * statistics are x's own and carry no derivative.
 */
public final class GroupNormGradInput extends FusedOp {
  private final double epsilon;
  private final boolean masked;

  /** Makes the op. */
  public GroupNormGradInput(double epsilon, boolean masked) {
    this.epsilon = epsilon;
    this.masked = masked;
  }

  @Override
  public String name() {
    return "group_norm_grad_input";
  }

  @Override
  protected Shape outputShape(Shape[] inputs) {
    Shape x = inputs[0];
    BatchNorm.check(name(), x, inputs[1]);
    GroupNorm.geometry(name(), x, inputs[2]);
    BatchNorm.checkShape(name(), "gradient", x, inputs[3]);
    BatchNorm.checkShape(name(), "sums", Shape.of(x.dim(0), 2, x.dim(-1)), inputs[4]);
    if (masked) {
      BatchNorm.checkShape(name(), "output", x, inputs[5]);
    }
    return x;
  }

  @Override
  protected void compute(DenseTensor[] inputs, DenseTensor output) {
    Buffer y = masked ? inputs[5].buffer() : null;
    output.backend().groupNormGradInput(
        GroupNorm.geometry(name(), inputs[0].shape(), inputs[2].shape()), inputs[0].buffer(),
        inputs[2].buffer(), inputs[1].buffer(), inputs[3].buffer(), y, inputs[4].buffer(), epsilon,
        output.buffer());
  }

  @Override
  protected Tensor definition(Tensor... inputs) {
    Tensor x = inputs[0];
    Tensor gamma = inputs[1];
    GroupNormGeometry g = GroupNorm.geometry(name(), x.shape(), inputs[2].shape());
    Shape groups = Shape.of(g.samples(), 2, g.groups(), g.groupChannels());
    Tensor means =
        inputs[4].mul(gamma).reshape(groups).sumTo(groups.with(3, 1)).mul(1.0 / g.groupElements());
    Tensor gradient = (masked ? inputs[3].mask(inputs[5]) : inputs[3]).mul(gamma);
    return gradient.reshape(GroupNorm.grouped(g))
        .sub(means.slice(1, 0, 1))
        .sub(GroupNorm.normalized(x, g, epsilon).mul(means.slice(1, 1, 1)))
        .mul(GroupNorm.inverseDeviation(x, g, epsilon))
        .reshape(x.shape());
  }
}
