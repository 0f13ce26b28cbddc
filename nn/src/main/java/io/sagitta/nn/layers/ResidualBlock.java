package io.sagitta.nn.layers;

import io.sagitta.engine.Tensor;
import io.sagitta.nn.io.OnnxGraph;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/**
 * y = relu(f(x) + s(x)): f a path of convolutions, s the identity or, where the shape changes, a
 * 1×1 convolution with a normalisation (He, Zhang, Ren, Sun, "Deep Residual Learning for Image
 * Recognition", CVPR 2016).
 */
public final class ResidualBlock implements Layer {
  /** Output channels of a bottleneck for each of its inner ones. */
  private static final int EXPANSION = 4;

  private final List<ConvNorm> path;
  private final ConvNorm projection;

  private ResidualBlock(List<ConvNorm> path, ConvNorm projection) {
    this.path = path;
    this.projection = projection;
  }

  /**
   * Two 3×3 convolutions, the first with the stride.
   *
   * @param name such as {@code layer1.0}
   * @param shortcut the projection's name in it: {@code shortcut} or {@code downsample}
   */
  public static ResidualBlock basic(
      ChannelNorm norm, String name, String shortcut, int in, int out, int stride) {
    List<ConvNorm> path =
        List.of(unit(norm, name, 1, in, out, 3, stride), unit(norm, name, 2, out, out, 3, 1));
    return new ResidualBlock(path, projection(norm, name, shortcut, in, out, stride));
  }

  /**
   * A 1×1 convolution to {@code inner} channels, a 3×3 one with the stride, and a 1×1 one to four
   * times as many.
   *
   * @param name such as {@code layer1.0}
   * @param shortcut the projection's name in it: {@code shortcut} or {@code downsample}
   */
  public static ResidualBlock bottleneck(
      ChannelNorm norm, String name, String shortcut, int in, int inner, int stride) {
    int out = EXPANSION * inner;
    List<ConvNorm> path =
        List.of(
            unit(norm, name, 1, in, inner, 1, 1),
            unit(norm, name, 2, inner, inner, 3, stride),
            unit(norm, name, 3, inner, out, 1, 1));
    return new ResidualBlock(path, projection(norm, name, shortcut, in, out, stride));
  }

  private static ConvNorm unit(
      ChannelNorm norm, String name, int number, int in, int out, int kernel, int stride) {
    return ConvNorm.of(
        norm, name + ".conv" + number, name + ".bn" + number, in, out, kernel, stride);
  }

  private static ConvNorm projection(
      ChannelNorm norm, String name, String shortcut, int in, int out, int stride) {
    String prefix = name + "." + shortcut;
    return stride == 1 && in == out
        ? null
        : ConvNorm.of(norm, prefix + ".0", prefix + ".1", in, out, 1, stride);
  }

  /** Output channels. */
  public int channels() {
    return path.get(path.size() - 1).channels();
  }

  @Override
  public void declare(Consumer<ParameterSpec> sink) {
    path.forEach(unit -> unit.declare(sink));
    if (projection != null) {
      projection.declare(sink);
    }
  }

  /** Applies the block; x: [N, H, W, in]. */
  public Tensor apply(Pass pass, Tensor x) {
    return Tensor.tidy(
        () -> {
          Tensor residual = projection == null ? x : projection.apply(pass, x, null, false);
          return ConvNorm.chain(pass, path, x, residual);
        });
  }

  /**
   * Adds the block, folded, to a graph that has its weights.
   *
   * @param x a value [N, in, H, W]
   * @return the value of y
   */
  public String export(OnnxGraph graph, String x) {
    String residual = projection == null ? x : projection.export(graph, x, null, false);
    String y = x;
    int last = path.size() - 1;
    for (ConvNorm unit : path.subList(0, last)) {
      y = unit.export(graph, y, null, true);
    }
    return path.get(last).export(graph, y, residual, true);
  }

  @Override
  public void fold(Pass eval, BiConsumer<String, Tensor> sink) {
    path.forEach(unit -> unit.fold(eval, sink));
    if (projection != null) {
      projection.fold(eval, sink);
    }
  }
}
