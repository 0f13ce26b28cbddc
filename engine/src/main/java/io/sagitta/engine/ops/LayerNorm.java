package io.sagitta.engine.ops;

import io.sagitta.engine.DenseTensor;
import io.sagitta.engine.Dependence;
import io.sagitta.engine.Shape;
import io.sagitta.engine.Stencil;
import io.sagitta.engine.Tensor;
import io.sagitta.kernels.Backend;
import io.sagitta.kernels.Buffer;
import io.sagitta.kernels.GroupNormGeometry;

/**
 * Layer normalisation (Ba, Kiros and Hinton, 2016): y = x̂·γ + β with x̂ = (x − μ)/√(σ² + ε), mean μ
 * and biased variance σ² those of each row; takes (x, γ, β), or (x) for x̂ itself. x: [N, C]; γ, β:
 * [C].
 */
public final class LayerNorm extends FusedOp {
  private final double epsilon;

  /** Makes the op. */
  public LayerNorm(double epsilon) {
    this.epsilon = epsilon;
  }

  /**
   * Normalises the last axis.
   *
   * @param x [N, C]
   * @param gamma [C]
   * @param beta [C]
   */
  public static Tensor layerNorm(Tensor x, Tensor gamma, Tensor beta, double epsilon) {
    return new LayerNorm(epsilon).apply(x, gamma, beta);
  }

  @Override
  public String name() {
    return "layer_norm";
  }

  @Override
  protected Shape outputShape(Shape[] inputs) {
    Rows.check(name(), inputs[0]);
    if (inputs.length > 1) {
      BatchNorm.check(name(), inputs[0], inputs[1], inputs[2]);
    }
    return inputs[0];
  }

  @Override
  protected void compute(DenseTensor[] inputs, DenseTensor output) {
    Buffer gamma = inputs.length > 1 ? inputs[1].buffer() : null;
    Buffer beta = inputs.length > 1 ? inputs[2].buffer() : null;
    Shape shape = output.shape();
    output.backend().layerNorm(
        inputs[0].buffer(), gamma, beta, epsilon, output.buffer(), Rows.count(shape),
        shape.dim(-1));
  }

  @Override
  protected Tensor definition(Tensor... inputs) {
    Tensor normal = normal(inputs[0], epsilon);
    return inputs.length > 1 ? normal.mul(inputs[1]).add(inputs[2]) : normal;
  }

  /** x̂ as a composition. */
  static Tensor normal(Tensor x, double epsilon) {
    return centred(x).mul(inverseDeviation(x, epsilon));
  }

  /** 1/√(σ² + ε) of each row, [N, 1], as a composition. */
  static Tensor inverseDeviation(Tensor x, double epsilon) {
    return mean(centred(x).square()).add(epsilon).sqrt().reciprocal();
  }

  private static Tensor centred(Tensor x) {
    return x.sub(mean(x));
  }

  /** Of each row, [N, 1]. */
  static Tensor mean(Tensor x) {
    return x.sumTo(x.shape().with(-1, 1)).mul(1.0 / x.shape().dim(-1));
  }

  @Override
  protected Tensor jvp(Tensor[] inputs, Tensor output, Tensor[] tangents) {
    if (inputs.length == 1) {
      return new LayerNormJacobian(epsilon, false).apply(inputs[0], tangents[0]);
    }
    Tensor sum = tangents[2];
    if (tangents[0] != null) {
      LayerNormJacobian scaled = new LayerNormJacobian(epsilon, true);
      sum = Tangents.add(scaled.apply(inputs[0], tangents[0], inputs[1]), sum);
    }
    if (tangents[1] != null) {
      sum = Tangents.add(apply(inputs[0]).mul(tangents[1]), sum);
    }
    return sum.broadcastTo(output.shape());
  }

  @Override
  protected Tensor[] vjp(Tensor[] inputs, Tensor output, Tensor gradient, boolean[] needed) {
    LayerNormJacobian jacobian = new LayerNormJacobian(epsilon, false);
    Tensor[] gradients = new Tensor[inputs.length];
    if (inputs.length == 1) {
      gradients[0] = jacobian.apply(inputs[0], gradient);
      return gradients;
    }
    if (needed[0]) {
      gradients[0] = jacobian.apply(inputs[0], gradient, inputs[1]);
    }
    if (needed[1]) {
      gradients[1] = gradient.mul(apply(inputs[0])).sumTo(inputs[1].shape());
    }
    if (needed[2]) {
      gradients[2] = gradient.sumTo(inputs[2].shape());
    }
    return gradients;
  }

  @Override
  protected boolean savesInput(int index, boolean[] needed) {
    return index == 0 ? needed[0] || needed.length > 1 && needed[1] : index == 1 && needed[0];
  }

  @Override
  protected Tensor squaredNorms(
      Tensor[] inputs, Tensor output, Tensor gradient, boolean[] shared, int samples) {
    if (shared[0]) {
      return super.squaredNorms(inputs, output, gradient, shared, samples);
    }
    Tensor ofGamma =
        shared[1]
            ? SampleNorms.ofBroadcast(
                name(), gradient.mul(apply(inputs[0])), inputs[1].shape(), samples)
            : null;
    Tensor ofBeta =
        shared[2]
            ? SampleNorms.ofBroadcast(name(), gradient, inputs[2].shape(), samples)
            : null;
    return Tangents.add(ofGamma, ofBeta);
  }

  @Override
  protected Dependence dependence(boolean[] varying) {
    return varying[0] ? Dependence.SMOOTH : Dependence.LINEAR;
  }

  /** That of a normalisation whose group is the row. γ and β are fixed. */
  @Override
  protected Stencil stencil(Tensor[] inputs, Tensor output, Stencil[] stencils) {
    if (stencils[0] == null || inputs.length == 1 || stencils[1] != null || stencils[2] != null) {
      return super.stencil(inputs, output, stencils);
    }
    DenseTensor x = inputs[0].value().wide();
    Backend backend = x.backend();
    int rows = Math.toIntExact(Rows.count(x.shape()));
    GroupNormGeometry row = new GroupNormGeometry(rows, 1, x.shape().dim(-1), 1);
    DenseTensor statistics = DenseTensor.allocate(backend, Shape.of(rows, 2));
    backend.groupNormStatistics(row, x.buffer(), statistics.buffer());
    Buffer gamma = inputs[1].value().buffer();
    return StencilRules.byKernel(
        backend, x.shape(), stencils[0],
        (odd, even, newOdd, newEven) ->
            backend.stencilGroupNorm(
                row, x.buffer(), statistics.buffer(), gamma, epsilon, odd, even, newOdd, newEven));
  }
}
