package io.sagitta.engine.ops;

import io.sagitta.engine.DenseTensor;
import io.sagitta.engine.Op;
import io.sagitta.engine.Shape;
import io.sagitta.engine.Tensor;

/** y = log Σ eˣ over the last axis, which is removed; its gradient is the softmax. */
public final class LogSumExp extends Op {
  /** The op; it has no attributes. */
  public static final LogSumExp INSTANCE = new LogSumExp();

  private LogSumExp() {}

  /** The log-sum-exp of each row. */
  public static Tensor logSumExp(Tensor x) {
    return INSTANCE.apply(x);
  }

  @Override
  public String name() {
    return "log_sum_exp";
  }

  @Override
  protected Shape outputShape(Shape[] inputs) {
    return Rows.withoutColumns(Rows.check(name(), inputs[0]));
  }

  @Override
  protected void compute(DenseTensor[] inputs, DenseTensor output) {
    Shape shape = inputs[0].shape();
    output.backend().logSumExp(
        inputs[0].buffer(), output.buffer(), Rows.count(shape), shape.dim(-1));
  }

  @Override
  protected Tensor jvp(Tensor[] inputs, Tensor output, Tensor[] tangents) {
    return Softmax.softmax(inputs[0]).mul(tangents[0]).sum(-1);
  }

  @Override
  protected Tensor[] vjp(Tensor[] inputs, Tensor output, Tensor gradient, boolean[] needed) {
    Shape column = inputs[0].shape().with(-1, 1);
    return new Tensor[] {Softmax.softmax(inputs[0]).mul(gradient.reshape(column))};
  }
}
