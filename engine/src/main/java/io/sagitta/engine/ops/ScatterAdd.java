package io.sagitta.engine.ops;

import io.sagitta.engine.DenseTensor;
import io.sagitta.engine.Shape;
import io.sagitta.engine.Tensor;

/**
 * Adds rows into a table of zeros: table[index[r]] += y[r]; takes (y, index). The adjoint of {@link
 * Gather}.
 */
public final class ScatterAdd extends Indexed {
  private final int tableRows;

  /** Makes the op; the result has {@code tableRows} rows. */
  public ScatterAdd(int tableRows) {
    this.tableRows = tableRows;
  }

  @Override
  public String name() {
    return "scatter_add";
  }

  @Override
  protected Shape outputShape(Shape[] inputs) {
    if (inputs[0].rank() < 1 || !inputs[1].equals(Shape.of(inputs[0].dim(0)))) {
      throw new IllegalArgumentException(
          "scatter_add: expected rows [R, …] and indices [R], got " + inputs[0] + " and "
              + inputs[1]);
    }
    return inputs[0].with(0, tableRows);
  }

  @Override
  protected void compute(DenseTensor[] inputs, DenseTensor output) {
    Shape shape = inputs[0].shape();
    output.backend().scatterAddRows(
        inputs[0].buffer(), inputs[1].buffer(), output.buffer(), shape.dim(0), tableRows,
        shape.elements(1, shape.rank()));
  }

  @Override
  Tensor adjoint(Tensor input, Tensor indices, Tensor gradient) {
    return Gather.INSTANCE.apply(gradient, indices);
  }
}
