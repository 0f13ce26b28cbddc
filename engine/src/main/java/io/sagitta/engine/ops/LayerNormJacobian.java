package io.sagitta.engine.ops;

import io.sagitta.engine.DenseTensor;
import io.sagitta.engine.Dependence;
import io.sagitta.engine.Dual;
import io.sagitta.engine.Shape;
import io.sagitta.engine.Tensor;
import io.sagitta.kernels.Backend;
import io.sagitta.kernels.Buffer;

/**
 * The Jacobian J of x̂ in {@link LayerNorm}, row by row: J·u = (u − mean(u) − x̂·mean(x̂·u))/√(σ² + ε).
 * It is symmetric, so that tangents and gradients both go through it. Takes (x, t) for J·t, and (x, t,
 * γ) for the gradient J·(γ·t) or, where told to scale last, the tangent γ·J·t. x, t: [N, C]; γ: [C].
 */
public final class LayerNormJacobian extends FusedOp {
  private final double epsilon;
  private final boolean scaleLast;

  /** Makes the op. */
  public LayerNormJacobian(double epsilon, boolean scaleLast) {
    this.epsilon = epsilon;
    this.scaleLast = scaleLast;
  }

  @Override
  public String name() {
    return "layer_norm_jacobian";
  }

  @Override
  protected Shape outputShape(Shape[] inputs) {
    Rows.check(name(), inputs[0]);
    BatchNorm.checkShape(name(), "vector", inputs[0], inputs[1]);
    if (inputs.length > 2) {
      BatchNorm.check(name(), inputs[0], inputs[2]);
    }
    return inputs[0];
  }

  @Override
  protected void compute(DenseTensor[] inputs, DenseTensor output) {
    Buffer scale = scale(inputs);
    Shape shape = output.shape();
    output.backend().layerNormJacobian(
        inputs[0].buffer(), scaleLast ? null : scale, scaleLast ? scale : null,
        inputs[1].buffer(), epsilon, output.buffer(), Rows.count(shape), shape.dim(-1));
  }

  private static Buffer scale(DenseTensor[] inputs) {
    return inputs.length > 2 ? inputs[2].buffer() : null;
  }

  /** As a gradient, where that is differentiated forward; γ is fixed. */
  @Override
  protected Dual dual(DenseTensor[] inputs, DenseTensor[] tangents) {
    boolean both = tangents[0] != null && tangents[1] != null;
    boolean fixedScale = inputs.length == 2 || tangents[2] == null && !scaleLast;
    if (!both || !fixedScale) {
      return null;
    }
    Shape shape = inputs[0].shape();
    Dual y = Dual.allocate(inputs[0], shape);
    Backend backend = inputs[0].backend();
    backend.layerNormJacobianDual(
        inputs[0].buffer(), tangents[0].buffer(), scale(inputs), inputs[1].buffer(),
        tangents[1].buffer(), epsilon, y.value().buffer(), y.tangent().buffer(),
        Rows.count(shape), shape.dim(-1));
    return y;
  }

  @Override
  protected Tensor definition(Tensor... inputs) {
    boolean scaled = inputs.length > 2;
    Tensor u = scaled && !scaleLast ? inputs[1].mul(inputs[2]) : inputs[1];
    Tensor normal = LayerNorm.normal(inputs[0], epsilon);
    Tensor product =
        u.sub(LayerNorm.mean(u))
            .sub(normal.mul(LayerNorm.mean(normal.mul(u))))
            .mul(LayerNorm.inverseDeviation(inputs[0], epsilon));
    return scaled && scaleLast ? product.mul(inputs[2]) : product;
  }

  /** Linear in all but x, as long as γ and what it scales do not vary together. */
  @Override
  protected Dependence dependence(boolean[] varying) {
    boolean both = varying.length > 2 && varying[1] && varying[2];
    return varying[0] || both ? Dependence.SMOOTH : Dependence.LINEAR;
  }

  /** Of a vector that varies alone the op itself; else the definition's. */
  @Override
  protected Tensor jvp(Tensor[] inputs, Tensor output, Tensor[] tangents) {
    boolean vectorAlone = tangents[0] == null && (inputs.length == 2 || tangents[2] == null);
    if (!vectorAlone) {
      return super.jvp(inputs, output, tangents);
    }
    Tensor[] moved = inputs.clone();
    moved[1] = tangents[1];
    return apply(moved);
  }
}
