package io.sagitta.nn.layers;

import io.sagitta.engine.DenseTensor;
import io.sagitta.engine.Shape;
import io.sagitta.engine.Tensor;
import io.sagitta.engine.ops.BatchNorm;
import io.sagitta.engine.ops.Conv2dStatistics;
import io.sagitta.engine.ops.ConvBiasAct;
import io.sagitta.engine.ops.NormReluConv2d;
import io.sagitta.nn.io.OnnxGraph;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/**
 * A convolution, its batch normalisation, and what follows: y = act(γ·(x ⋆ w + b − μ)/√(σ² + ε) + β +
 * r), r a residual or nothing, act a rectifier or nothing. x: [N, H, W, in]; y: [N, H′, W′, out]. In
 * evaluation the normalisation is folded into the convolution: weights w·s and bias β + (b − μ)·s with
 * s = γ/√(σ² + ε).
 *
 * <p>Most networks have no b, which the batch's mean takes away again. Those that have it store it:
 * in training it moves the running mean alone, and its gradient is zero.
 */
public final class ConvBn extends ConvNorm {
  /**
   * Makes the layer, without bias and with padding kernel / 2.
   *
   * @param conv the convolution's name
   * @param norm the normalisation's name
   * @param in input channels
   * @param out output channels
   * @param kernel rows and columns of the window
   */
  public ConvBn(String conv, String norm, int in, int out, int kernel, int stride) {
    this(conv, norm, in, out, kernel, stride, false);
  }

  private ConvBn(
      String conv, String norm, int in, int out, int kernel, int stride, boolean biased) {
    super(conv, norm, in, out, kernel, stride, biased);
  }

  /** A 3×3 layer with bias and stride 1. */
  public static ConvBn biased(String conv, String norm, int in, int out) {
    return new ConvBn(conv, norm, in, out, 3, 1, true);
  }

  @Override
  public void declare(Consumer<ParameterSpec> sink) {
    super.declare(sink);
    Shape channels = Shape.of(channels());
    sink.accept(ParameterSpec.buffer(norm + ".running_mean", channels, 0));
    sink.accept(ParameterSpec.buffer(norm + ".running_var", channels, 1));
    sink.accept(ParameterSpec.counter(norm + ".num_batches_tracked"));
  }

  @Override
  public Tensor apply(Pass pass, Tensor x, Tensor residual, boolean relu) {
    return Tensor.tidy(
        () ->
            switch (pass.mode()) {
              case TRAIN -> train(pass, x, residual, relu);
              case EVAL ->
                  convolve(
                      pass, x, foldedWeight(pass), foldedBias(pass), residual, relu);
              case FOLDED ->
                  convolve(
                      pass, x, pass.weight(conv + ".weight"), pass.weight(conv + ".bias"),
                      residual, relu);
            });
  }

  private Tensor convolve(
      Pass pass, Tensor x, Tensor weight, Tensor bias, Tensor residual, boolean relu) {
    return ConvBiasAct.convBiasAct(
        pass.images(x), weight, bias, pass.images(residual), parameters(pass), relu);
  }

  /** {@link ConvNorm#chain} in training, where images between layers are not stored. */
  static Tensor fused(Pass pass, List<ConvBn> units, Tensor x, Tensor residual) {
    return Tensor.tidy(
        () -> {
          Convolved y = units.get(0).convolve(pass, x);
          for (ConvBn unit : units.subList(1, units.size())) {
            y = unit.convolve(pass, y);
          }
          return y.normalized(pass.images(residual), true);
        });
  }

  private Tensor train(Pass pass, Tensor x, Tensor residual, boolean relu) {
    return convolve(pass, x).normalized(pass.images(residual), relu);
  }

  /** What a layer's convolution made, and how it is to be normalised. */
  private record Convolved(Conv2dStatistics.Result made, Tensor gamma, Tensor beta) {
    Tensor normalized(Tensor residual, boolean relu) {
      return BatchNorm.train(
          made.y(), gamma, beta, made.statistics(), residual, relu, EPSILON);
    }
  }

  private Convolved convolve(Pass pass, Tensor x) {
    return convolved(
        pass,
        Conv2dStatistics.conv2d(
            pass.images(x), pass.weight(conv + ".weight"), parameters(pass)));
  }

  /** Of the normalised and rectified x. */
  private Convolved convolve(Pass pass, Convolved x) {
    return convolved(
        pass,
        NormReluConv2d.conv2d(
            x.made, x.gamma, x.beta, EPSILON, pass.weight(conv + ".weight"), parameters(pass)));
  }

  private Convolved convolved(Pass pass, Conv2dStatistics.Result made) {
    long rows = made.y().shape().elements() / channels();
    if (rows < 2) {
      throw new IllegalArgumentException(
          norm + ": expected more than one value per channel in training, got "
              + made.y().shape());
    }
    pass.collect(norm, biased ? shifted(pass, made.statistics()) : made.statistics(), rows);
    return new Convolved(made, pass.weight(norm + ".weight"), pass.weight(norm + ".bias"));
  }

  /** With the bias in the means. */
  private DenseTensor shifted(Pass pass, DenseTensor statistics) {
    Tensor bias = pass.weight(conv + ".bias").value().reshape(Shape.of(1, channels()));
    return statistics.add(bias.pad(new int[] {0, 0}, new int[] {1, 0})).value();
  }

  @Override
  public String export(OnnxGraph graph, String x, String residual, boolean relu) {
    return exportRest(
        graph, Conv.export(graph, conv, x, weightShape, stride, padding), residual, relu);
  }

  @Override
  public void fold(Pass eval, BiConsumer<String, Tensor> sink) {
    sink.accept(conv + ".weight", Tensor.tidy(() -> foldedWeight(eval)));
    sink.accept(conv + ".bias", Tensor.tidy(() -> foldedBias(eval)));
  }

  private Tensor foldedWeight(Pass pass) {
    Shape perOutput = Shape.of(channels(), 1, 1, 1);
    return pass.weight(conv + ".weight").mul(scale(pass).reshape(perOutput));
  }

  private Tensor foldedBias(Pass pass) {
    Tensor mean = pass.weight(norm + ".running_mean");
    Tensor centre = biased ? mean.sub(pass.weight(conv + ".bias")) : mean;
    return pass.weight(norm + ".bias").sub(centre.mul(scale(pass)));
  }

  private Tensor scale(Pass pass) {
    Tensor deviation = pass.weight(norm + ".running_var").add(EPSILON).sqrt();
    return pass.weight(norm + ".weight").div(deviation);
  }
}
