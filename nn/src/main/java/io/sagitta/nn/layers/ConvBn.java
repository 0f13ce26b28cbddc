package io.sagitta.nn.layers;

import io.sagitta.engine.Shape;
import io.sagitta.engine.Tensor;
import io.sagitta.engine.ops.BatchNorm;
import io.sagitta.engine.ops.Conv2dStatistics;
import io.sagitta.engine.ops.ConvBiasAct;
import io.sagitta.engine.ops.ConvParameters;
import io.sagitta.engine.ops.NormReluConv2d;
import io.sagitta.nn.io.OnnxGraph;
import io.sagitta.nn.io.OnnxGraph.Attribute;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/**
 * A convolution without bias, its batch normalisation, and what follows: y = act(γ·(x ⋆ w − μ)/√(σ²
 * + ε) + β + r), r a residual or nothing, act a rectifier or nothing. x: [N, H, W, in]; y: [N, H′,
 * W′, out]. In evaluation the normalisation is folded into the convolution: weights w·s and bias β
 * − μ·s with s = γ/√(σ² + ε).
 */
public final class ConvBn implements Layer {
  /** PyTorch's default. */
  private static final double EPSILON = 1e-5;

  private final String conv;
  private final String norm;
  private final Shape weightShape;
  private final int stride;
  private final int padding;

  /**
   * Makes the layer, with padding kernel / 2.
   *
   * @param conv the convolution's name
   * @param norm the normalisation's name
   * @param in input channels
   * @param out output channels
   * @param kernel rows and columns of the window
   */
  public ConvBn(String conv, String norm, int in, int out, int kernel, int stride) {
    this.conv = conv;
    this.norm = norm;
    this.weightShape = Shape.of(out, in, kernel, kernel);
    this.stride = stride;
    this.padding = kernel / 2;
  }

  /** Output channels. */
  public int channels() {
    return weightShape.dim(0);
  }

  @Override
  public void declare(Consumer<ParameterSpec> sink) {
    Shape channels = Shape.of(channels());
    double bound = 1 / Math.sqrt(weightShape.elements(1, 4));
    sink.accept(ParameterSpec.trainable(conv + ".weight", weightShape, 0, bound));
    sink.accept(ParameterSpec.trainable(norm + ".weight", channels, 1, 0));
    sink.accept(ParameterSpec.trainable(norm + ".bias", channels, 0, 0));
    sink.accept(ParameterSpec.buffer(norm + ".running_mean", channels, 0));
    sink.accept(ParameterSpec.buffer(norm + ".running_var", channels, 1));
    sink.accept(ParameterSpec.counter(norm + ".num_batches_tracked"));
  }

  /**
   * Applies the layer.
   *
   * @param residual of y's shape, or null
   */
  public Tensor apply(Pass pass, Tensor x, Tensor residual, boolean relu) {
    return Tensor.tidy(
        () ->
            switch (pass.mode()) {
              case TRAIN -> train(pass, x, residual, relu);
              case EVAL ->
                  ConvBiasAct.convBiasAct(
                      x, foldedWeight(pass), foldedBias(pass), residual, parameters(pass), relu);
              case FOLDED ->
                  ConvBiasAct.convBiasAct(
                      x, pass.weight(conv + ".weight"), pass.weight(conv + ".bias"), residual,
                      parameters(pass), relu);
            });
  }

  private ConvParameters parameters(Pass pass) {
    return new ConvParameters(stride, padding, 1, pass.precision());
  }

  /**
   * Applies layers one after the other, each with a rectifier, the last with a residual before it. A
   * backend that gains from it normalises the images between two of them where the second reads
   * them, and never stores them.
   *
   * @param residual of the result's shape, or null
   */
  static Tensor chain(Pass pass, List<ConvBn> units, Tensor x, Tensor residual) {
    boolean fuses = pass.mode() == Pass.Mode.TRAIN && x.backend().fusesNormalization();
    int last = units.size() - 1;
    if (!fuses) {
      Tensor y = x;
      for (ConvBn unit : units.subList(0, last)) {
        y = unit.apply(pass, y, null, true);
      }
      return units.get(last).apply(pass, y, residual, true);
    }
    return Tensor.tidy(
        () -> {
          Convolved y = units.get(0).convolve(pass, x);
          for (ConvBn unit : units.subList(1, units.size())) {
            y = unit.convolve(pass, y);
          }
          return y.normalized(residual, true);
        });
  }

  private Tensor train(Pass pass, Tensor x, Tensor residual, boolean relu) {
    return convolve(pass, x).normalized(residual, relu);
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
        pass, Conv2dStatistics.conv2d(x, pass.weight(conv + ".weight"), parameters(pass)));
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
    pass.collect(norm, made.statistics(), rows);
    return new Convolved(made, pass.weight(norm + ".weight"), pass.weight(norm + ".bias"));
  }

  /**
   * Adds the layer, folded, to a graph that has its weights.
   *
   * @param x a value [N, in, H, W]
   * @param residual a value of the result's shape, or null
   * @return the value of y, [N, out, H′, W′]
   */
  public String export(OnnxGraph graph, String x, String residual, boolean relu) {
    String y =
        graph.node(
            "Conv", conv, List.of(x, conv + ".weight", conv + ".bias"),
            Attribute.list("kernel_shape", weightShape.dim(2), weightShape.dim(3)),
            Attribute.list("strides", stride, stride),
            Attribute.list("pads", padding, padding, padding, padding));
    if (residual != null) {
      y = graph.node("Add", conv + "/add", List.of(y, residual));
    }
    return relu ? graph.node("Relu", conv + "/relu", List.of(y)) : y;
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
    return pass.weight(norm + ".bias").sub(pass.weight(norm + ".running_mean").mul(scale(pass)));
  }

  private Tensor scale(Pass pass) {
    Tensor deviation = pass.weight(norm + ".running_var").add(EPSILON).sqrt();
    return pass.weight(norm + ".weight").div(deviation);
  }
}
