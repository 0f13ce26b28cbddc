package io.sagitta.engine.ops;

import io.sagitta.engine.DenseTensor;
import io.sagitta.engine.Shape;
import io.sagitta.engine.Tensor;

/**
 * Rows of a table by index: y[r] = table[index[r]]; takes (table, index). table: [T, …]; index:
 * [R]; y: [R, …]. Its adjoint is {@link ScatterAdd}.
 */
public final class Gather extends Indexed {
  /** The op; it has no attributes. */
  public static final Gather INSTANCE = new Gather();

  private Gather() {}

  /**
   * The rows of {@code table} that {@code index} names.
   *
   * @throws IndexOutOfBoundsException if an index names no row
   */
  public static Tensor gather(Tensor table, int... index) {
    int rows = table.shape().dim(0);
    for (int i = 0; i < index.length; i++) {
      if (index[i] < 0 || index[i] >= rows) {
        throw new IndexOutOfBoundsException(
            "gather: index[" + i + "] = " + index[i] + ", expected 0.." + (rows - 1));
      }
    }
    return INSTANCE.apply(table, Tensor.indices(table.backend(), index));
  }

  @Override
  public String name() {
    return "gather";
  }

  @Override
  protected Shape outputShape(Shape[] inputs) {
    if (inputs[0].rank() < 1 || inputs[1].rank() != 1) {
      throw new IllegalArgumentException(
          "gather: expected a table [T, …] and indices [R], got " + inputs[0] + " and "
              + inputs[1]);
    }
    return inputs[0].with(0, inputs[1].dim(0));
  }

  @Override
  protected void compute(DenseTensor[] inputs, DenseTensor output) {
    long rows = output.shape().dim(0);
    output.backend().gatherRows(
        inputs[0].buffer(), inputs[1].buffer(), output.buffer(), rows,
        output.shape().elements() / rows);
  }

  @Override
  Tensor adjoint(Tensor input, Tensor indices, Tensor gradient) {
    return new ScatterAdd(input.shape().dim(0)).apply(gradient, indices);
  }
}
