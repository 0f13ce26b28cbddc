package io.sagitta.nn.layers;

import io.sagitta.engine.Shape;
import io.sagitta.engine.Tensor;
import io.sagitta.nn.io.OnnxGraph;
import io.sagitta.nn.io.OnnxGraph.Attribute;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/** y = x·wᵀ + b. x: [N, in]; w: [out, in]; b: [out]; y: [N, out]. */
public final class Dense implements Layer {
  private final String name;
  private final int in;
  private final int out;

  /** Makes the layer. */
  public Dense(String name, int in, int out) {
    this.name = name;
    this.in = in;
    this.out = out;
  }

  @Override
  public void declare(Consumer<ParameterSpec> sink) {
    double bound = 1 / Math.sqrt(in);
    sink.accept(ParameterSpec.trainable(name + ".weight", Shape.of(out, in), 0, bound));
    sink.accept(ParameterSpec.trainable(name + ".bias", Shape.of(out), 0, bound));
  }

  /** Applies the layer. */
  public Tensor apply(Pass pass, Tensor x) {
    return Tensor.tidy(
        () ->
            x.matmul(pass.weight(name + ".weight"), false, true).add(pass.weight(name + ".bias")));
  }

  /**
   * Adds the layer to a graph that has its weights.
   *
   * @param x a value [N, in]
   * @return the value of y
   */
  public String export(OnnxGraph graph, String x) {
    return graph.node(
        "Gemm", name, List.of(x, name + ".weight", name + ".bias"),
        Attribute.number("transB", 1));
  }

  @Override
  public void fold(Pass eval, BiConsumer<String, Tensor> sink) {
    // Copies: what is folded stays as it is while training goes on in place.
    sink.accept(name + ".weight", eval.weight(name + ".weight").mul(1));
    sink.accept(name + ".bias", eval.weight(name + ".bias").mul(1));
  }
}
