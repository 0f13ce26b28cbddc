package io.sagitta.engine.ops;

import io.sagitta.engine.DenseTensor;
import io.sagitta.engine.Shape;
import io.sagitta.engine.Tensor;
import io.sagitta.kernels.DType;

/**
 * The same numbers stored as another type, rounded to the nearest. To derivatives it is the identity;
 * what they carry is stored likewise.
 */
public final class Cast extends Linear {
  private final DType type;

  /**
   * Makes the op.
   *
   * @param type of the result: {@link DType#BF16} or the backend's own
   */
  public Cast(DType type) {
    this.type = type;
  }

  @Override
  public String name() {
    return "cast";
  }

  @Override
  protected Shape outputShape(Shape[] inputs) {
    return inputs[0];
  }

  @Override
  protected DenseTensor forward(DenseTensor[] inputs) {
    DenseTensor x = inputs[0];
    if (x.type() == type) {
      return x.view(x.shape());
    }
    if (type == DType.BF16 && !x.backend().storesBf16()) {
      throw new UnsupportedOperationException(
          "cast: expected a backend that stores bfloat16, got " + x.backend().name());
    }
    DenseTensor y = DenseTensor.allocate(x.backend(), type, x.shape());
    compute(inputs, y);
    return y;
  }

  @Override
  protected void compute(DenseTensor[] inputs, DenseTensor output) {
    output.backend().cast(inputs[0].buffer(), output.buffer());
  }

  @Override
  Tensor adjoint(Tensor input, Tensor gradient) {
    return gradient.cast(input.type());
  }
}
