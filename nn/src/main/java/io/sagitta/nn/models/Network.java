package io.sagitta.nn.models;

import io.sagitta.engine.Shape;
import io.sagitta.engine.Tensor;
import io.sagitta.nn.io.OnnxGraph;
import io.sagitta.nn.io.OnnxGraph.Attribute;
import io.sagitta.nn.layers.Dense;
import io.sagitta.nn.layers.Layer;
import io.sagitta.nn.layers.ParameterSpec;
import io.sagitta.nn.layers.Pass;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/** What networks share: the layers they own, in PyTorch's order of parameters. */
abstract class Network implements Model {
  static final int COLOURS = 3;

  private final ModelSpec spec;
  private final List<Layer> layers = new ArrayList<>();
  private final List<ParameterSpec> parameters = new ArrayList<>();

  Network(ModelSpec spec) {
    this.spec = spec;
  }

  /** Takes a layer in; its parameters follow those of the layers before it. */
  final <L extends Layer> L own(L layer) {
    layers.add(layer);
    layer.declare(parameters::add);
    return layer;
  }

  /** The logits of images that are known to fit. */
  abstract Tensor logits(Pass pass, Tensor x);

  @Override
  public final ModelSpec spec() {
    return spec;
  }

  @Override
  public final List<ParameterSpec> parameters() {
    return List.copyOf(parameters);
  }

  @Override
  public final Tensor forward(Pass pass, Tensor x) {
    Shape shape = x.shape();
    if (shape.rank() != 4 || shape.dim(3) != COLOURS) {
      throw new IllegalArgumentException(
          spec.architecture() + ": expected images [N, H, W, " + COLOURS + "], got " + shape);
    }
    spec.requireImages(shape.dim(1), shape.dim(2));
    return Tensor.tidy(() -> logits(pass, x));
  }

  @Override
  public final Map<String, Tensor> fold(Pass eval) {
    Map<String, Tensor> folded = new LinkedHashMap<>();
    layers.forEach(layer -> layer.fold(eval, folded::put));
    return folded;
  }

  /** Applies steps one after the other; each frees the result of the one before it. */
  static Tensor through(List<UnaryOperator<Tensor>> steps, Tensor x) {
    int last = steps.size() - 1;
    return last < 0
        ? x
        : Tensor.tidy(() -> steps.get(last).apply(through(steps.subList(0, last), x)));
  }

  /** Images [N, H, W, C] as rows of numbers in PyTorch's order, [N, C·H·W]. */
  static Tensor flatten(Tensor x) {
    Shape shape = x.shape();
    int columns = Math.toIntExact(shape.elements(1, 4));
    return x.transpose(0, 3, 1, 2).reshape(Shape.of(shape.dim(0), columns));
  }

  /** Adds the maxima of windows to a graph. */
  static String maxPool(
      OnnxGraph graph, String name, String x, int window, int stride, int padding) {
    return graph.node(
        "MaxPool", name, List.of(x), Attribute.list("kernel_shape", window, window),
        Attribute.list("strides", stride, stride),
        Attribute.list("pads", padding, padding, padding, padding));
  }

  /** Adds the averages of whole images, [N, C], to a graph. */
  static String average(OnnxGraph graph, String x) {
    return flatten(graph, graph.node("GlobalAveragePool", "average", List.of(x)));
  }

  /** Adds {@link #flatten(Tensor)} to a graph. */
  static String flatten(OnnxGraph graph, String x) {
    return graph.node("Flatten", "flatten", List.of(x));
  }

  /** Adds a dense layer and a rectifier to a graph. */
  static String rectified(OnnxGraph graph, Dense layer, String x) {
    String y = layer.export(graph, x);
    return graph.node("Relu", y + "/relu", List.of(y));
  }
}
