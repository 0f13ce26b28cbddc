package io.sagitta.nn.layers;

import io.sagitta.engine.Shape;
import io.sagitta.engine.Tensor;
import io.sagitta.engine.ops.ConvParameters;
import io.sagitta.nn.io.OnnxGraph;
import io.sagitta.nn.layers.ParameterSpec.Initial;
import java.util.List;
import java.util.function.Consumer;

/**
 * A convolution, what normalises its channels, and what follows: y = act(norm(x ⋆ w + b) + r), r a
 * residual or nothing, act a rectifier or nothing. x: [N, H, W, in]; y: [N, H′, W′, out]. Padding is
 * kernel / 2.
 */
public abstract sealed class ConvNorm implements Layer permits ConvBn, ConvGn {
  /** PyTorch's default, of both normalisations. */
  static final double EPSILON = 1e-5;

  final String conv;
  final String norm;
  final Shape weightShape;
  final int stride;
  final int padding;
  final boolean biased;

  ConvNorm(String conv, String norm, int in, int out, int kernel, int stride, boolean biased) {
    this.conv = conv;
    this.norm = norm;
    this.weightShape = Shape.of(out, in, kernel, kernel);
    this.stride = stride;
    this.padding = kernel / 2;
    this.biased = biased;
  }

  /**
   * Makes the layer, without bias.
   *
   * @param conv the convolution's name
   * @param name the normalisation's
   * @param in input channels
   * @param out output channels
   * @param kernel rows and columns of the window
   */
  public static ConvNorm of(
      ChannelNorm norm, String conv, String name, int in, int out, int kernel, int stride) {
    return switch (norm) {
      case BATCH -> new ConvBn(conv, name, in, out, kernel, stride);
      case GROUP -> new ConvGn(conv, name, in, out, kernel, stride);
    };
  }

  /** A 3×3 layer with bias and stride 1. */
  public static ConvNorm biased(ChannelNorm norm, String conv, String name, int in, int out) {
    return switch (norm) {
      case BATCH -> ConvBn.biased(conv, name, in, out);
      case GROUP -> ConvGn.biased(conv, name, in, out);
    };
  }

  /** Output channels. */
  public final int channels() {
    return weightShape.dim(0);
  }

  @Override
  public void declare(Consumer<ParameterSpec> sink) {
    Shape channels = Shape.of(channels());
    Initial uniform = Dense.uniform(weightShape.elements(1, 4));
    sink.accept(ParameterSpec.trainable(conv + ".weight", weightShape, uniform));
    if (biased) {
      sink.accept(ParameterSpec.trainable(conv + ".bias", channels, uniform));
    }
    sink.accept(ParameterSpec.trainable(norm + ".weight", channels, Initial.constant(1)));
    sink.accept(ParameterSpec.trainable(norm + ".bias", channels, Initial.constant(0)));
  }

  final ConvParameters parameters(Pass pass) {
    return new ConvParameters(stride, padding, 1, pass.precision());
  }

  /**
   * Applies the layer.
   *
   * @param residual of y's shape, or null
   */
  public abstract Tensor apply(Pass pass, Tensor x, Tensor residual, boolean relu);

  /**
   * Adds the layer to a graph that has its weights, folded where they fold.
   *
   * @param x a value [N, in, H, W]
   * @param residual a value of the result's shape, or null
   * @return the value of y, [N, out, H′, W′]
   */
  public abstract String export(OnnxGraph graph, String x, String residual, boolean relu);

  /** What follows the normalisation in a graph. */
  final String exportRest(OnnxGraph graph, String normalized, String residual, boolean relu) {
    String y =
        residual == null
            ? normalized
            : graph.node("Add", conv + "/add", List.of(normalized, residual));
    return relu ? graph.node("Relu", conv + "/relu", List.of(y)) : y;
  }

  /**
   * Applies layers of one kind one after the other, each with a rectifier, the last with a residual
   * before it. In training by batches, a backend that gains from it normalises the images between
   * two of them where the second reads them, and never stores them.
   *
   * @param residual of the result's shape, or null
   */
  public static Tensor chain(Pass pass, List<? extends ConvNorm> units, Tensor x, Tensor residual) {
    boolean fuses =
        pass.mode() == Pass.Mode.TRAIN && x.backend().fusesNormalization()
            && units.stream().allMatch(ConvBn.class::isInstance);
    if (fuses) {
      return ConvBn.fused(pass, units.stream().map(ConvBn.class::cast).toList(), x, residual);
    }
    int last = units.size() - 1;
    Tensor y = x;
    for (ConvNorm unit : units.subList(0, last)) {
      y = unit.apply(pass, y, null, true);
    }
    return units.get(last).apply(pass, y, residual, true);
  }
}
