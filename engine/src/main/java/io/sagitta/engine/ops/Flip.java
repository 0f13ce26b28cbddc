package io.sagitta.engine.ops;

import io.sagitta.engine.DenseTensor;
import io.sagitta.engine.Shape;
import io.sagitta.engine.Tensor;

/** Reverses the order along axes; its own adjoint. */
public final class Flip extends Linear {
  private final int[] axes;

  /** Makes the op. */
  public Flip(int... axes) {
    this.axes = axes.clone();
  }

  @Override
  public String name() {
    return "flip";
  }

  @Override
  protected Shape outputShape(Shape[] inputs) {
    for (int axis : axes) {
      inputs[0].axis(axis);
    }
    return inputs[0];
  }

  @Override
  protected void compute(DenseTensor[] inputs, DenseTensor output) {
    Shape shape = output.shape();
    long[] strides = shape.strides();
    long offset = 0;
    for (int axis : axes) {
      int a = shape.axis(axis);
      offset += (shape.dim(a) - 1) * strides[a];
      strides[a] = -strides[a];
    }
    output.backend().copy(
        inputs[0].buffer(), offset, strides, output.buffer(), 0, shape.strides(), shape.longs());
  }

  @Override
  Tensor adjoint(Tensor input, Tensor gradient) {
    return gradient.flip(axes);
  }
}
