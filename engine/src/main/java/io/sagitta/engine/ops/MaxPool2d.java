package io.sagitta.engine.ops;

import io.sagitta.engine.DenseTensor;
import io.sagitta.engine.Dependence;
import io.sagitta.engine.Shape;
import io.sagitta.engine.Stencil;
import io.sagitta.engine.Tensor;
import io.sagitta.kernels.Backend;
import io.sagitta.kernels.Buffer;
import io.sagitta.kernels.Pool2dGeometry;

/**
 * The maximum of each window, once its winners are known: y[i] = x[winners[i]]; takes (x, winners).
 * Both rules are linear in what they carry, by {@link Select} and {@link Scatter}.
 */
public final class MaxPool2d extends Indexed {
  private final Pool2dGeometry geometry;

  /** Makes the op. */
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
  protected boolean isImage(int index, DenseTensor[] inputs) {
    return index == 0;
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
    Backend backend = s.backend();
    Buffer winners = inputs[1].value().buffer();
    return StencilRules.byKernel(
        backend, output.shape(), stencils[0],
        (odd, even, newOdd, newEven) ->
            backend.stencilMaxPool2d(geometry, s.buffer(), odd, even, winners, newOdd, newEven));
  }

  @Override
  protected Dependence dependence(boolean[] varying) {
    return Dependence.PIECEWISE_LINEAR;
  }
}
