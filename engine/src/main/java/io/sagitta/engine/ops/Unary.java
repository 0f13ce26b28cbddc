package io.sagitta.engine.ops;

import io.sagitta.engine.DenseTensor;
import io.sagitta.engine.Op;
import io.sagitta.engine.Shape;
import io.sagitta.engine.Tensor;
import io.sagitta.kernels.UnaryOp;
import java.util.Locale;

/**
 * What elementwise functions y = f(x) of one argument share: y has x's shape, and both rules
 * multiply by f′(x).
 */
abstract class Unary extends Op {
  private final UnaryOp kernel;

  Unary(UnaryOp kernel) {
    this.kernel = kernel;
  }

  /** f′(x)·t; null where f′ is zero everywhere. */
  abstract Tensor scaled(Tensor x, Tensor y, Tensor t);

  /** Whether {@link #scaled} reads x; otherwise it reads y alone. */
  abstract boolean readsInput();

  @Override
  public String name() {
    return kernel.name().toLowerCase(Locale.ROOT);
  }

  @Override
  protected Shape outputShape(Shape[] inputs) {
    return inputs[0];
  }

  @Override
  protected void compute(DenseTensor[] inputs, DenseTensor output) {
    output.backend().unary(kernel, inputs[0].buffer(), output.buffer());
  }

  @Override
  protected Tensor jvp(Tensor[] inputs, Tensor output, Tensor[] tangents) {
    return scaled(inputs[0], output, tangents[0]);
  }

  @Override
  protected Tensor[] vjp(Tensor[] inputs, Tensor output, Tensor gradient, boolean[] needed) {
    return new Tensor[] {scaled(inputs[0], output, gradient)};
  }

  @Override
  protected boolean savesInput(int index, boolean[] needed) {
    return readsInput();
  }

  @Override
  protected boolean savesOutput() {
    return !readsInput();
  }
}
