package io.sagitta.engine.ops;

import io.sagitta.engine.DenseTensor;
import io.sagitta.engine.Dependence;
import io.sagitta.engine.Op;
import io.sagitta.engine.Shape;
import io.sagitta.engine.Tensor;

/** y = scale·x + shift with constants. */
public final class Affine extends Op {
  private final double scale;
  private final double shift;

  /** Makes the op. */
  public Affine(double scale, double shift) {
    this.scale = scale;
    this.shift = shift;
  }

  @Override
  public String name() {
    return "affine";
  }

  @Override
  protected Shape outputShape(Shape[] inputs) {
    return inputs[0];
  }

  @Override
  protected void compute(DenseTensor[] inputs, DenseTensor output) {
    output.backend().affine(inputs[0].buffer(), scale, shift, output.buffer());
  }

  @Override
  protected Tensor jvp(Tensor[] inputs, Tensor output, Tensor[] tangents) {
    return scaled(tangents[0]);
  }

  @Override
  protected Tensor[] vjp(Tensor[] inputs, Tensor output, Tensor gradient, boolean[] needed) {
    return new Tensor[] {scaled(gradient)};
  }

  @Override
  protected boolean savesInput(int index, boolean[] needed) {
    return false;
  }

  private Tensor scaled(Tensor t) {
    return scale == 1 ? t : t.mul(scale);
  }

  @Override
  protected Dependence dependence(boolean[] varying) {
    return Dependence.LINEAR;
  }
}
