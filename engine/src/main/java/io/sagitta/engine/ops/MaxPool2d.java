package io.sagitta.engine.ops;

import io.sagitta.engine.DenseTensor;
import io.sagitta.engine.Dependence;
import io.sagitta.engine.Shape;
import io.sagitta.engine.Stencil;
import io.sagitta.engine.Tensor;
import io.sagitta.kernels.Pool2dGeometry;

/**
 * The maximum of each window, once its winners are known: y[i] = x[winners[i]]; takes (x, winners).
 * Both rules are linear in what they carry, by {@link Select} and {@link Scatter}.
 */
public final class MaxPool2d extends Indexed {
  private final Pool2dGeometry geometry;

  public MaxPool2d(Pool2dGeometry geometry) {
    this.geometry = geometry;
  }

  @Override
  public String name() {
    return "max_pool2d";
  }

  @Override
  protected Shape outputShape(Shape[] inputs) {
    return Pooling.outputShape(geometry);
  }

  @Override
  protected void compute(DenseTensor[] inputs, DenseTensor output) {
    output.backend().select(inputs[0].buffer(), inputs[1].buffer(), output.buffer());
  }

  @Override
  protected Tensor jvp(Tensor[] inputs, Tensor output, Tensor[] tangents) {
    return new Select(output.shape()).apply(tangents[0], inputs[1]);
  }

  @Override
  Tensor adjoint(Tensor input, Tensor indices, Tensor gradient) {
    return new Scatter(input.shape()).apply(gradient, indices);
  }

  @Override
  protected Stencil stencil(Tensor[] inputs, Tensor output, Stencil[] stencils) {
    DenseTensor s = inputs[0].value().wide();
    Tensor even = stencils[0].even();
    DenseTensor newOdd = DenseTensor.allocate(s.backend(), output.shape());
    DenseTensor newEven = DenseTensor.allocate(s.backend(), output.shape());
    s.backend()
        .stencilMaxPool2d(
            geometry, s.buffer(), stencils[0].odd().value().wide().buffer(),
            even == null ? null : even.value().wide().buffer(), inputs[1].value().buffer(),
            newOdd.buffer(), newEven.buffer());
    return new Stencil(newOdd, newEven);
  }

  @Override
  protected Dependence dependence(boolean[] varying) {
    return Dependence.PIECEWISE_LINEAR;
  }
}
