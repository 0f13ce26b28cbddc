package io.sagitta.engine.ops;

import io.sagitta.engine.DenseTensor;
import io.sagitta.engine.Dependence;
import io.sagitta.engine.Op;
import io.sagitta.engine.Shape;
import io.sagitta.engine.Tensor;
import java.util.List;

/** Joins tensors along an axis; the others must agree. */
public final class Concat extends Op {
  private final int axis;

  /** Makes the op. */
  public Concat(int axis) {
    this.axis = axis;
  }

  /** Joins {@code parts} along {@code axis}. */
  public static Tensor concat(int axis, List<Tensor> parts) {
    if (parts.isEmpty()) {
      throw new IllegalArgumentException("concat: expected at least one tensor");
    }
    return new Concat(parts.get(0).shape().axis(axis)).apply(parts.toArray(new Tensor[0]));
  }

  @Override
  public String name() {
    return "concat";
  }

  @Override
  protected Shape outputShape(Shape[] inputs) {
    int extent = 0;
    for (Shape input : inputs) {
      if (input.rank() != inputs[0].rank()
          || !input.with(axis, 1).equals(inputs[0].with(axis, 1))) {
        throw new IllegalArgumentException(
            "concat: " + inputs[0] + " and " + input + " differ in an axis other than " + axis);
      }
      extent += input.dim(axis);
    }
    return inputs[0].with(axis, extent);
  }

  @Override
  protected void compute(DenseTensor[] inputs, DenseTensor output) {
    long[] strides = output.shape().strides();
    long offset = 0;
    for (DenseTensor input : inputs) {
      Shape shape = input.shape();
      output.backend().copy(
          input.buffer(), 0, shape.strides(), output.buffer(), offset, strides, shape.longs());
      offset += shape.dim(axis) * strides[axis];
    }
  }

  @Override
  protected Tensor jvp(Tensor[] inputs, Tensor output, Tensor[] tangents) {
    Tensor[] full = new Tensor[inputs.length];
    for (int i = 0; i < inputs.length; i++) {
      full[i] =
          tangents[i] == null
              ? Tensor.zeros(output.backend(), inputs[i].shape())
              : tangents[i];
    }
    return apply(full);
  }

  @Override
  protected Tensor[] vjp(Tensor[] inputs, Tensor output, Tensor gradient, boolean[] needed) {
    Tensor[] gradients = new Tensor[inputs.length];
    int start = 0;
    for (int i = 0; i < inputs.length; i++) {
      int extent = inputs[i].shape().dim(axis);
      gradients[i] = needed[i] ? gradient.slice(axis, start, extent) : null;
      start += extent;
    }
    return gradients;
  }

  @Override
  protected boolean savesInput(int index, boolean[] needed) {
    return false;
  }

  @Override
  protected Dependence dependence(boolean[] varying) {
    return Dependence.LINEAR;
  }
}
