package io.sagitta.engine.ops;

import io.sagitta.engine.DenseTensor;
import io.sagitta.engine.Shape;
import io.sagitta.engine.Tensor;
import io.sagitta.kernels.Precision;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;

/**
 * A convolution that gives the statistics of its result's channels as well; takes (x, w). The
 * statistics are no result of the op, for they carry no derivative: a sink receives them.
 */
public final class Conv2dStatistics extends FusedOp {
  private final Conv2d conv;
  private final ConvParameters parameters;
  private final Consumer<DenseTensor> sink;

  /** What is known after a convolution: y and, [2, K], its channels' means and biased variances. */
  public record Result(Tensor y, DenseTensor statistics) {}

  /**
   * Makes the op.
   *
   * @param sink receives [2, K], means and biased variances, when the op is applied
   */
  public Conv2dStatistics(ConvParameters parameters, Consumer<DenseTensor> sink) {
    this.conv = new Conv2d(parameters);
    this.parameters = parameters;
    this.sink = sink;
  }

  /** x ⋆ w with its statistics. */
  public static Result conv2d(Tensor x, Tensor w, ConvParameters parameters) {
    AtomicReference<DenseTensor> statistics = new AtomicReference<>();
    Tensor y = new Conv2dStatistics(parameters, statistics::set).apply(x, w);
    return new Result(y, statistics.get());
  }

  @Override
  public String name() {
    return "conv2d_statistics";
  }

  @Override
  protected Shape outputShape(Shape[] inputs) {
    return conv.outputShape(inputs);
  }

  @Override
  protected void compute(DenseTensor[] inputs, DenseTensor output) {
    DenseTensor statistics = allocate(output);
    output.backend().conv2dStatistics(
        parameters.precision(), parameters.geometry(inputs[0].shape(), inputs[1].shape()),
        inputs[0].buffer(), inputs[1].buffer(), output.buffer(), statistics.buffer());
    sink.accept(statistics);
  }

  @Override
  protected boolean isImage(int index, DenseTensor[] inputs) {
    return conv.isImage(index, inputs);
  }

  /** Room for the statistics of y. */
  static DenseTensor allocate(DenseTensor y) {
    return DenseTensor.allocate(y.backend(), Shape.of(2, y.shape().dim(-1)));
  }

  @Override
  protected Tensor definition(Tensor... inputs) {
    return conv.apply(inputs);
  }

  @Override
  protected Tensor jvp(Tensor[] inputs, Tensor output, Tensor[] tangents) {
    return conv.jvp(inputs, output, tangents);
  }

  @Override
  protected Tensor[] vjp(Tensor[] inputs, Tensor output, Tensor gradient, boolean[] needed) {
    return conv.vjp(inputs, output, gradient, needed);
  }

  @Override
  protected boolean savesInput(int index, boolean[] needed) {
    return conv.savesInput(index, needed);
  }

  @Override
  protected Conv2dStatistics in(Precision precision) {
    return new Conv2dStatistics(parameters.in(precision), sink);
  }
}
