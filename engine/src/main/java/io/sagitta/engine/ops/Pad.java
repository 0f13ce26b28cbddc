package io.sagitta.engine.ops;

import io.sagitta.engine.DenseTensor;
import io.sagitta.engine.Shape;
import io.sagitta.engine.Tensor;
import java.util.Arrays;

/** Puts zeros before and after x along each axis; the adjoint of {@link Slice}. */
public final class Pad extends Linear {
  private final int[] before;
  private final int[] after;

  /** Makes the op. */
  public Pad(int[] before, int[] after) {
    this.before = before.clone();
    this.after = after.clone();
  }

  @Override
  public String name() {
    return "pad";
  }

  @Override
  protected Shape outputShape(Shape[] inputs) {
    int rank = inputs[0].rank();
    boolean fits = before.length == rank && after.length == rank;
    int[] extents = inputs[0].dims();
    for (int axis = 0; fits && axis < rank; axis++) {
      long extent = (long) extents[axis] + before[axis] + after[axis];
      fits = before[axis] >= 0 && after[axis] >= 0 && extent <= Integer.MAX_VALUE;
      extents[axis] = (int) extent;
    }
    if (!fits) {
      throw new IllegalArgumentException(
          "pad: expected " + rank + " counts >= 0 on each side, got " + Arrays.toString(before)
              + " and " + Arrays.toString(after));
    }
    return Shape.of(extents);
  }

  @Override
  protected void compute(DenseTensor[] inputs, DenseTensor output) {
    long[] strides = output.shape().strides();
    long offset = 0;
    for (int axis = 0; axis < before.length; axis++) {
      offset += before[axis] * strides[axis];
    }
    Shape shape = inputs[0].shape();
    output.backend().fill(output.buffer(), 0);
    output.backend().copy(
        inputs[0].buffer(), 0, shape.strides(), output.buffer(), offset, strides, shape.longs());
  }

  @Override
  Tensor adjoint(Tensor input, Tensor gradient) {
    return gradient.slice(before, input.shape());
  }
}
