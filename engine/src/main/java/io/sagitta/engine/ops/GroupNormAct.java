package io.sagitta.engine.ops;

import io.sagitta.engine.Autodiff;
import io.sagitta.engine.DenseTensor;
import io.sagitta.engine.Shape;
import io.sagitta.engine.Stencil;
import io.sagitta.engine.Tensor;
import io.sagitta.kernels.Backend;
import io.sagitta.kernels.Buffer;
import io.sagitta.kernels.GroupNormGeometry;

/**
 * y = act(x̂·γ + β + r), x̂ = (x − μ)/√(σ² + ε) by groups of channels; takes (x, γ, β, statistics[,
 * r]). x: [N, …, C]; γ, β: [C]; statistics: [N, 2, groups]. The statistics are x's own, handed in
 * because the gradient wants them too: no derivative passes through that argument, all of it through
 * x.
 */
public final class GroupNormAct extends FusedOp {
  private final double epsilon;
  private final boolean relu;

  /** Makes the op. */
  public GroupNormAct(double epsilon, boolean relu) {
    this.epsilon = epsilon;
    this.relu = relu;
  }

  @Override
  public String name() {
    return "group_norm_act";
  }

  @Override
  protected Shape outputShape(Shape[] inputs) {
    BatchNorm.check(name(), inputs[0], inputs[1], inputs[2]);
    GroupNorm.geometry(name(), inputs[0], inputs[3]);
    if (inputs.length == 5) {
      BatchNorm.checkShape(name(), "residual", inputs[0], inputs[4]);
    }
    return inputs[0];
  }

  @Override
  protected void compute(DenseTensor[] inputs, DenseTensor output) {
    Buffer residual = inputs.length == 5 ? inputs[4].buffer() : null;
    output.backend().groupNormApply(
        GroupNorm.geometry(name(), inputs[0].shape(), inputs[3].shape()), inputs[0].buffer(),
        inputs[3].buffer(), inputs[1].buffer(), inputs[2].buffer(), residual, relu, epsilon,
        output.buffer());
  }

  @Override
  protected Tensor definition(Tensor... inputs) {
    Tensor y = normalized(inputs[0], inputs[3].shape()).mul(inputs[1]).add(inputs[2]);
    Tensor sum = inputs.length == 5 ? y.add(inputs[4]) : y;
    return relu ? sum.relu() : sum;
  }

  private Tensor normalized(Tensor x, Shape statistics) {
    return GroupNorm.normalized(x, GroupNorm.geometry(name(), x.shape(), statistics), epsilon)
        .reshape(x.shape());
  }

  /** That of the definition, which here reads what is saved alone. */
  @Override
  protected Tensor jvp(Tensor[] inputs, Tensor output, Tensor[] tangents) {
    Shape statistics = inputs[3].shape();
    Tensor sum = Tangents.add(tangents[2], inputs.length == 5 ? tangents[4] : null);
    if (tangents[0] != null) {
      Tensor tangent =
          Autodiff.jvp(x -> normalized(x, statistics), inputs[0], tangents[0]).tangent();
      sum = Tangents.add(tangent.mul(inputs[1]), sum);
    }
    if (tangents[1] != null) {
      sum = Tangents.add(normalized(inputs[0], statistics).mul(tangents[1]), sum);
    }
    if (sum == null) {
      return null;
    }
    return relu ? sum.mask(output) : sum.broadcastTo(output.shape());
  }

  @Override
  protected Tensor[] vjp(Tensor[] inputs, Tensor output, Tensor gradient, boolean[] needed) {
    Tensor x = inputs[0];
    Tensor gamma = inputs[1];
    Tensor statistics = inputs[3];
    boolean residual = inputs.length == 5 && needed[4];
    boolean masked = relu && !residual;
    Tensor g = relu && residual ? gradient.mask(output) : gradient;
    Tensor sums = sums(x, statistics, g, masked ? output : null);
    Tensor[] gradients = new Tensor[inputs.length];
    if (needed[0]) {
      GroupNormGradInput op = new GroupNormGradInput(epsilon, masked);
      gradients[0] =
          masked
              ? op.apply(x, gamma, statistics, g, sums, output)
              : op.apply(x, gamma, statistics, g, sums);
    }
    gradients[1] = needed[1] ? sums.slice(1, 1, 1).sum(0, 1) : null;
    gradients[2] = needed[2] ? sums.slice(1, 0, 1).sum(0, 1) : null;
    if (residual) {
      gradients[4] = g;
    }
    return gradients;
  }

  private Tensor sums(Tensor x, Tensor statistics, Tensor g, Tensor output) {
    GroupNormSums op = new GroupNormSums(epsilon, output != null);
    return output == null ? op.apply(x, statistics, g) : op.apply(x, statistics, g, output);
  }

  /** The sums of the backward pass are each sample's gradients in β and γ. */
  @Override
  protected Tensor squaredNorms(
      Tensor[] inputs, Tensor output, Tensor gradient, boolean[] shared, int samples) {
    boolean fits = !shared[0] && (inputs.length < 5 || !shared[4]);
    if (!fits) {
      return super.squaredNorms(inputs, output, gradient, shared, samples);
    }
    Tensor sums = sums(inputs[0], inputs[3], gradient, relu ? output : null);
    int first = shared[2] ? 0 : 1;
    int count = shared[1] && shared[2] ? 2 : 1;
    return sums.slice(1, first, count).square().sum(1, 2);
  }

  @Override
  protected boolean savesInput(int index, boolean[] needed) {
    return index == 0 || index == 1 || index == 3;
  }

  @Override
  protected boolean savesOutput() {
    return relu;
  }

  /** The rectifier's rule wants what it rectifies. */
  @Override
  protected Tensor stencilForm(Tensor... inputs) {
    return relu ? new GroupNormAct(epsilon, false).apply(inputs).relu() : null;
  }

  /** In one kernel; its formulas stand in the host's {@code GroupNormStencil}. γ and β are fixed. */
  @Override
  protected Stencil stencil(Tensor[] inputs, Tensor output, Stencil[] stencils) {
    if (stencils[1] != null || stencils[2] != null) {
      return super.stencil(inputs, output, stencils);
    }
    Stencil residual = inputs.length == 5 ? stencils[4] : null;
    if (stencils[0] == null) {
      return residual;
    }
    Stencil normalized = ofNormalized(inputs, stencils[0]);
    return residual == null ? normalized : StencilRules.sum(normalized, residual);
  }

  private Stencil ofNormalized(Tensor[] inputs, Stencil stencil) {
    DenseTensor x = inputs[0].value().wide();
    DenseTensor statistics = inputs[3].value();
    Buffer gamma = inputs[1].value().buffer();
    GroupNormGeometry g = GroupNorm.geometry(name(), x.shape(), statistics.shape());
    Backend backend = x.backend();
    return StencilRules.byKernel(
        backend, x.shape(), stencil,
        (odd, even, newOdd, newEven) ->
            backend.stencilGroupNorm(
                g, x.buffer(), statistics.buffer(), gamma, epsilon, odd, even, newOdd, newEven));
  }
}
