package io.sagitta.engine.ops;

import io.sagitta.engine.DenseTensor;
import io.sagitta.engine.Shape;
import io.sagitta.engine.Tensor;
import io.sagitta.kernels.Buffer;

/**
 * y = act(x̂·γ + β + r), x̂ = (x − μ)/√(σ² + ε); takes (x, γ, β, statistics[, r]). The statistics
 * are x's own, handed in because they are wanted elsewhere too: no derivative passes through that
 * argument, all of it through x.
 */
public final class BatchNormAct extends FusedOp {
  private final double epsilon;
  private final boolean relu;

  /** Makes the op. */
  public BatchNormAct(double epsilon, boolean relu) {
    this.epsilon = epsilon;
    this.relu = relu;
  }

  @Override
  public String name() {
    return "batch_norm_act";
  }

  @Override
  protected Shape outputShape(Shape[] inputs) {
    BatchNorm.check(name(), inputs[0], inputs[1], inputs[2]);
    BatchNorm.checkStatistics(name(), inputs[0], inputs[3]);
    if (inputs.length == 5) {
      BatchNorm.checkShape(name(), "residual", inputs[0], inputs[4]);
    }
    return inputs[0];
  }

  @Override
  protected void compute(DenseTensor[] inputs, DenseTensor output) {
    Shape shape = output.shape();
    Buffer residual = inputs.length == 5 ? inputs[4].buffer() : null;
    output.backend().batchNormApply(
        inputs[0].buffer(), inputs[3].buffer(), inputs[1].buffer(), inputs[2].buffer(), residual,
        relu, epsilon, output.buffer(), BatchNorm.rows(shape), shape.dim(-1));
  }

  @Override
  protected boolean isImage(int index, DenseTensor[] inputs) {
    return index == 0 || index == 4;
  }

  @Override
  protected Tensor definition(Tensor... inputs) {
    Tensor y = BatchNorm.normalized(inputs[0], epsilon).mul(inputs[1]).add(inputs[2]);
    Tensor sum = inputs.length == 5 ? y.add(inputs[4]) : y;
    return relu ? sum.relu() : sum;
  }

  @Override
  protected Tensor[] vjp(Tensor[] inputs, Tensor output, Tensor gradient, boolean[] needed) {
    Tensor x = inputs[0];
    Tensor gamma = inputs[1];
    Tensor statistics = inputs[3];
    boolean residual = inputs.length == 5 && needed[4];
    Tensor g = residual && relu ? gradient.mask(output) : gradient;
    boolean masked = relu && !residual;
    Tensor sums = new BatchNormSums(epsilon, masked).apply(
        masked ? new Tensor[] {x, statistics, g, output} : new Tensor[] {x, statistics, g});
    Tensor[] gradients = new Tensor[inputs.length];
    if (needed[0]) {
      BatchNormGradInput op = new BatchNormGradInput(epsilon, masked);
      gradients[0] =
          masked
              ? op.apply(x, gamma, statistics, g, sums, output)
              : op.apply(x, gamma, statistics, g, sums);
    }
    Shape channels = gamma.shape();
    gradients[1] = needed[1] ? sums.slice(0, 1, 1).reshape(channels) : null;
    gradients[2] = needed[2] ? sums.slice(0, 0, 1).reshape(channels) : null;
    if (residual) {
      gradients[4] = g;
    }
    return gradients;
  }

  @Override
  protected boolean savesInput(int index, boolean[] needed) {
    return index == 0 || index == 1 || index == 3;
  }

  @Override
  protected boolean savesOutput() {
    return relu;
  }
}
