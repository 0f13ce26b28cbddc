package io.sagitta.engine.ops;

import io.sagitta.engine.DenseTensor;
import io.sagitta.engine.Shape;
import io.sagitta.engine.Tensor;
import java.util.Arrays;

/** Reorders axes: axis i of y is axis {@code order[i]} of x. */
public final class Transpose extends Linear {
  private final int[] order;

  /** Makes the op. */
  public Transpose(int... order) {
    this.order = order.clone();
  }

  @Override
  public String name() {
    return "transpose";
  }

  @Override
  protected Shape outputShape(Shape[] inputs) {
    int[] sorted = order.clone();
    Arrays.sort(sorted);
    int[] extents = new int[order.length];
    for (int i = 0; i < order.length; i++) {
      if (sorted[i] != i || order.length != inputs[0].rank()) {
        throw new IllegalArgumentException(
            "transpose: expected each axis of " + inputs[0] + " once, got "
                + Arrays.toString(order));
      }
      extents[i] = inputs[0].dim(order[i]);
    }
    return Shape.of(extents);
  }

  @Override
  protected void compute(DenseTensor[] inputs, DenseTensor output) {
    long[] own = inputs[0].shape().strides();
    long[] strides = new long[order.length];
    for (int i = 0; i < order.length; i++) {
      strides[i] = own[order[i]];
    }
    Shape shape = output.shape();
    output.backend().copy(
        inputs[0].buffer(), 0, strides, output.buffer(), 0, shape.strides(), shape.longs());
  }

  @Override
  Tensor adjoint(Tensor input, Tensor gradient) {
    int[] inverse = new int[order.length];
    for (int i = 0; i < order.length; i++) {
      inverse[order[i]] = i;
    }
    return gradient.transpose(inverse);
  }
}
