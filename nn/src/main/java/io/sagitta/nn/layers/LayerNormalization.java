package io.sagitta.nn.layers;

import io.sagitta.engine.Shape;
import io.sagitta.engine.Tensor;
import io.sagitta.engine.ops.LayerNorm;
import io.sagitta.nn.io.OnnxGraph;
import io.sagitta.nn.io.OnnxGraph.Attribute;
import io.sagitta.nn.layers.ParameterSpec.Initial;
import java.util.List;
import java.util.function.Consumer;

/** Layer normalisation of the last axis of [N, C] with a scale and a shift for each column. */
public final class LayerNormalization implements Layer {
  /** That of torchvision's transformers. */
  private static final double EPSILON = 1e-6;

  private final String name;
  private final int columns;

  /** Makes the layer. */
  public LayerNormalization(String name, int columns) {
    this.name = name;
    this.columns = columns;
  }

  @Override
  public void declare(Consumer<ParameterSpec> sink) {
    Shape shape = Shape.of(columns);
    sink.accept(ParameterSpec.trainable(name + ".weight", shape, Initial.constant(1)));
    sink.accept(ParameterSpec.trainable(name + ".bias", shape, Initial.constant(0)));
  }

  /** Applies the layer. */
  public Tensor apply(Pass pass, Tensor x) {
    return LayerNorm.layerNorm(
        x, pass.weight(name + ".weight"), pass.weight(name + ".bias"), EPSILON);
  }

  /**
   * Adds the layer to a graph that has its weights.
   *
   * @param x a value […, C]
   * @return the value of y
   */
  public String export(OnnxGraph graph, String x) {
    return graph.node(
        "LayerNormalization", name, List.of(x, name + ".weight", name + ".bias"),
        Attribute.real("epsilon", EPSILON));
  }
}
