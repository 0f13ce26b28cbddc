package io.sagitta.nn.layers;

import io.sagitta.engine.Shape;
import io.sagitta.engine.Tensor;
import io.sagitta.engine.ops.ConvBiasAct;
import io.sagitta.engine.ops.ConvParameters;
import io.sagitta.nn.io.OnnxGraph;
import io.sagitta.nn.io.OnnxGraph.Attribute;
import io.sagitta.nn.layers.ParameterSpec.Initial;
import java.util.List;
import java.util.function.Consumer;

/**
 * A convolution with bias, without padding, and a rectifier or nothing: y = act(x ⋆ w + b). x: [N, H,
 * W, in]; y: [N, H′, W′, out].
 */
public final class Conv implements Layer {
  private final String name;
  private final Shape weightShape;
  private final int stride;
  private final Initial initialWeight;
  private final Initial initialBias;

  /**
   * Makes the layer with stride 1; it begins as PyTorch's default, uniform in ±1/√fan-in.
   *
   * @param kernel rows and columns of the window
   */
  public Conv(String name, int in, int out, int kernel) {
    this(
        name, Shape.of(out, in, kernel, kernel), 1, Dense.uniform((long) in * kernel * kernel),
        Dense.uniform((long) in * kernel * kernel));
  }

  /** The same with a stride and another start. */
  Conv(
      String name, Shape weightShape, int stride, Initial initialWeight, Initial initialBias) {
    this.name = name;
    this.weightShape = weightShape;
    this.stride = stride;
    this.initialWeight = initialWeight;
    this.initialBias = initialBias;
  }

  @Override
  public void declare(Consumer<ParameterSpec> sink) {
    Shape out = Shape.of(weightShape.dim(0));
    sink.accept(ParameterSpec.trainable(name + ".weight", weightShape, initialWeight));
    sink.accept(ParameterSpec.trainable(name + ".bias", out, initialBias));
  }

  /** Applies the layer. */
  public Tensor apply(Pass pass, Tensor x, boolean relu) {
    return ConvBiasAct.convBiasAct(
        x, pass.weight(name + ".weight"), pass.weight(name + ".bias"), null,
        new ConvParameters(stride, 0, 1, pass.precision()), relu);
  }

  /**
   * Adds the layer to a graph that has its weights.
   *
   * @param x a value [N, in, H, W]
   * @return the value of y, [N, out, H′, W′]
   */
  public String export(OnnxGraph graph, String x, boolean relu) {
    String y = export(graph, name, x, weightShape, stride, 0);
    return relu ? graph.node("Relu", name + "/relu", List.of(y)) : y;
  }

  /** Adds a convolution with bias. */
  static String export(
      OnnxGraph graph, String name, String x, Shape weight, int stride, int padding) {
    return export(graph, name, x, weight, stride, padding, true);
  }

  /** Adds a convolution with or without bias. */
  static String export(
      OnnxGraph graph, String name, String x, Shape weight, int stride, int padding,
      boolean biased) {
    List<String> inputs =
        biased ? List.of(x, name + ".weight", name + ".bias") : List.of(x, name + ".weight");
    return graph.node(
        "Conv", name, inputs,
        Attribute.list("kernel_shape", weight.dim(2), weight.dim(3)),
        Attribute.list("strides", stride, stride),
        Attribute.list("pads", padding, padding, padding, padding));
  }
}
