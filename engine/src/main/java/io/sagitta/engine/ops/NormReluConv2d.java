package io.sagitta.engine.ops;

import io.sagitta.engine.DenseTensor;
import io.sagitta.engine.Shape;
import io.sagitta.engine.Tensor;
import io.sagitta.kernels.NormRelu;
import io.sagitta.kernels.Precision;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;

/**
 * y = max(0, x̂·γ + β) ⋆ w, x̂ the batch-normalised x, without the images between: what {@link
 * BatchNormAct} and {@link Conv2dStatistics} do one after the other; takes (x, γ, β, statistics, w).
 * Its gradients compute those images again from x, so that training never keeps them.
 */
public final class NormReluConv2d extends FusedOp {
  private final double epsilon;
  private final Conv2d conv;
  private final ConvParameters parameters;
  private final Consumer<DenseTensor> sink;

  /**
   * Makes the op.
   *
   * @param sink receives the statistics of y, as in {@link Conv2dStatistics}
   */
  public NormReluConv2d(double epsilon, ConvParameters parameters, Consumer<DenseTensor> sink) {
    this.epsilon = epsilon;
    this.conv = new Conv2d(parameters);
    this.parameters = parameters;
    this.sink = sink;
  }

  /**
   * The convolution of x, normalised and rectified, with its statistics.
   *
   * @param x a convolution's result with its statistics
   */
  public static Conv2dStatistics.Result conv2d(
      Conv2dStatistics.Result x, Tensor gamma, Tensor beta, double epsilon, Tensor w,
      ConvParameters parameters) {
    AtomicReference<DenseTensor> statistics = new AtomicReference<>();
    NormReluConv2d op = new NormReluConv2d(epsilon, parameters, statistics::set);
    Tensor y = op.apply(x.y(), gamma, beta, x.statistics(), w);
    return new Conv2dStatistics.Result(y, statistics.get());
  }

  @Override
  public String name() {
    return "norm_relu_conv2d";
  }

  @Override
  protected Shape outputShape(Shape[] inputs) {
    checkNorm(name(), inputs);
    return conv.outputShape(new Shape[] {inputs[0], inputs[4]});
  }

  @Override
  protected void compute(DenseTensor[] inputs, DenseTensor output) {
    DenseTensor statistics = Conv2dStatistics.allocate(output);
    output.backend().normReluConv2d(
        parameters.precision(), parameters.geometry(inputs[0].shape(), inputs[4].shape()),
        inputs[0].buffer(), norm(inputs, epsilon), inputs[4].buffer(), output.buffer(),
        statistics.buffer());
    sink.accept(statistics);
  }

  @Override
  protected boolean isImage(int index, DenseTensor[] inputs) {
    return index == 0 && parameters.precision() == Precision.BF16;
  }

  @Override
  protected Tensor definition(Tensor... inputs) {
    return conv.apply(activation(inputs, epsilon), inputs[4]);
  }

  @Override
  protected Tensor[] vjp(Tensor[] inputs, Tensor output, Tensor gradient, boolean[] needed) {
    Tensor x = inputs[0];
    Tensor gamma = inputs[1];
    Tensor beta = inputs[2];
    Tensor statistics = inputs[3];
    Tensor[] gradients = new Tensor[inputs.length];
    if (needed[4]) {
      NormReluConv2dGradWeight op =
          new NormReluConv2dGradWeight(epsilon, parameters, inputs[4].shape());
      gradients[4] = op.apply(x, gamma, beta, statistics, gradient);
    }
    if (needed[0] || needed[1] || needed[2]) {
      Tensor g = new Conv2dGradInput(parameters, x.shape()).apply(inputs[4], gradient);
      Tensor sums = new NormReluSums(epsilon).apply(x, gamma, beta, statistics, g);
      Shape channels = gamma.shape();
      gradients[0] =
          needed[0]
              ? new NormReluGradInput(epsilon).apply(x, gamma, beta, statistics, g, sums)
              : null;
      gradients[1] = needed[1] ? sums.slice(0, 1, 1).reshape(channels) : null;
      gradients[2] = needed[2] ? sums.slice(0, 0, 1).reshape(channels) : null;
    }
    return gradients;
  }

  @Override
  protected NormReluConv2d in(Precision precision) {
    return new NormReluConv2d(epsilon, parameters.in(precision), sink);
  }

  /** Fails unless the first four inputs are x, γ, β and x's statistics. */
  static void checkNorm(String op, Shape[] inputs) {
    BatchNorm.check(op, inputs[0], inputs[1], inputs[2]);
    BatchNorm.checkStatistics(op, inputs[0], inputs[3]);
  }

  /** The second to fourth input, as a backend takes them. */
  static NormRelu norm(DenseTensor[] inputs, double epsilon) {
    return new NormRelu(
        inputs[3].buffer(), inputs[1].buffer(), inputs[2].buffer(), epsilon);
  }

  /** max(0, x̂·γ + β), of the first four inputs. */
  static Tensor activation(Tensor[] inputs, double epsilon) {
    return new BatchNormAct(epsilon, true).apply(inputs[0], inputs[1], inputs[2], inputs[3]);
  }
}
