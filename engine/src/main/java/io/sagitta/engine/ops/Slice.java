package io.sagitta.engine.ops;

import io.sagitta.engine.DenseTensor;
import io.sagitta.engine.Shape;
import io.sagitta.engine.Tensor;
import java.util.Arrays;

/** The box of given extents from given starts on; a view where it is one run of memory. */
public final class Slice extends Linear {
  private final int[] starts;
  private final Shape extents;

  /** Makes the op. */
  public Slice(int[] starts, Shape extents) {
    this.starts = starts.clone();
    this.extents = extents;
  }

  @Override
  public String name() {
    return "slice";
  }

  @Override
  protected Shape outputShape(Shape[] inputs) {
    Shape shape = inputs[0];
    boolean fits = starts.length == shape.rank() && extents.rank() == shape.rank();
    for (int axis = 0; fits && axis < starts.length; axis++) {
      fits = starts[axis] >= 0 && starts[axis] + (long) extents.dim(axis) <= shape.dim(axis);
    }
    if (!fits) {
      throw new IllegalArgumentException(
          "slice: a box " + extents + " at " + Arrays.toString(starts) + " does not lie in "
              + shape);
    }
    return extents;
  }

  @Override
  protected DenseTensor forward(DenseTensor[] inputs) {
    Shape shape = inputs[0].shape();
    outputShape(new Shape[] {shape});
    int axis = 0;
    while (axis < shape.rank() && extents.dim(axis) == 1) {
      axis++;
    }
    boolean contiguous = extents.elements() > 0;
    for (int rest = axis + 1; rest < shape.rank(); rest++) {
      contiguous &= extents.dim(rest) == shape.dim(rest);
    }
    return contiguous ? inputs[0].view(offset(shape), extents) : super.forward(inputs);
  }

  @Override
  protected void compute(DenseTensor[] inputs, DenseTensor output) {
    Shape shape = inputs[0].shape();
    output.backend().copy(
        inputs[0].buffer(), offset(shape), shape.strides(), output.buffer(), 0, extents.strides(),
        extents.longs());
  }

  @Override
  Tensor adjoint(Tensor input, Tensor gradient) {
    int[] after = new int[starts.length];
    for (int axis = 0; axis < starts.length; axis++) {
      after[axis] = input.shape().dim(axis) - starts[axis] - extents.dim(axis);
    }
    return gradient.pad(starts, after);
  }

  private long offset(Shape shape) {
    long[] strides = shape.strides();
    long offset = 0;
    for (int axis = 0; axis < starts.length; axis++) {
      offset += starts[axis] * strides[axis];
    }
    return offset;
  }
}
