package io.sagitta.nn.layers;

import io.sagitta.engine.Tensor;
import io.sagitta.nn.io.OnnxGraph;
import java.util.List;

/**
 * A convolution, what normalises its channels, and what follows: y = act(norm(x ⋆ w + b) + r), r a
 * residual or nothing, act a rectifier or nothing. x: [N, H, W, in]; y: [N, H′, W′, out]. Padding is
 * kernel / 2.
 */
public sealed interface ConvNorm extends Layer permits ConvBn, ConvGn {
  /**
   * Makes the layer, without bias.
   *
   * @param conv the convolution's name
   * @param name the normalisation's
   * @param in input channels
   * @param out output channels
   * @param kernel rows and columns of the window
   */
  static ConvNorm of(
      ChannelNorm norm, String conv, String name, int in, int out, int kernel, int stride) {
    return switch (norm) {
      case BATCH -> new ConvBn(conv, name, in, out, kernel, stride);
      case GROUP -> new ConvGn(conv, name, in, out, kernel, stride);
    };
  }

  /** A 3×3 layer with bias and stride 1. */
  static ConvNorm biased(ChannelNorm norm, String conv, String name, int in, int out) {
    return switch (norm) {
      case BATCH -> ConvBn.biased(conv, name, in, out);
      case GROUP -> ConvGn.biased(conv, name, in, out);
    };
  }

  /** Output channels. */
  int channels();

  /**
   * Applies the layer.
   *
   * @param residual of y's shape, or null
   */
  Tensor apply(Pass pass, Tensor x, Tensor residual, boolean relu);

  /**
   * Adds the layer to a graph that has its weights, folded where they fold.
   *
   * @param x a value [N, in, H, W]
   * @param residual a value of the result's shape, or null
   * @return the value of y, [N, out, H′, W′]
   */
  String export(OnnxGraph graph, String x, String residual, boolean relu);

  /**
   * Applies layers of one kind one after the other, each with a rectifier, the last with a residual
   * before it.
   *
   * @param residual of the result's shape, or null
   */
  static Tensor chain(Pass pass, List<? extends ConvNorm> units, Tensor x, Tensor residual) {
    if (units.stream().allMatch(ConvBn.class::isInstance)) {
      return ConvBn.chain(pass, units.stream().map(ConvBn.class::cast).toList(), x, residual);
    }
    int last = units.size() - 1;
    Tensor y = x;
    for (ConvNorm unit : units.subList(0, last)) {
      y = unit.apply(pass, y, null, true);
    }
    return units.get(last).apply(pass, y, residual, true);
  }
}
