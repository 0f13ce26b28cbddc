package io.sagitta.nn.layers;

import io.sagitta.engine.Shape;
import io.sagitta.engine.Tensor;
import io.sagitta.engine.ops.Matmul;
import io.sagitta.kernels.Precision;
import io.sagitta.nn.io.OnnxGraph;
import io.sagitta.nn.io.OnnxGraph.Attribute;
import io.sagitta.nn.layers.ParameterSpec.Initial;
import java.util.List;
import java.util.function.Consumer;

/** y = x·wᵀ + b. x: [N, in]; w: [out, in]; b: [out]; y: [N, out]. */
public final class Dense implements Layer {
  private final String weight;
  private final String bias;
  private final Shape shape;
  private final Initial initialWeight;
  private final Initial initialBias;

  /** Makes the layer; it begins as PyTorch's default, uniform in ±1/√in. */
  public Dense(String name, int in, int out) {
    this(name + ".weight", name + ".bias", Shape.of(out, in), uniform(in), uniform(in));
  }

  /** The same with other names and another start. */
  Dense(String weight, String bias, Shape shape, Initial initialWeight, Initial initialBias) {
    this.weight = weight;
    this.bias = bias;
    this.shape = shape;
    this.initialWeight = initialWeight;
    this.initialBias = initialBias;
  }

  /** A head that begins at zero, as torchvision's transformers have it. */
  public static Dense zero(String name, int in, int out) {
    Initial zero = Initial.constant(0);
    return new Dense(name + ".weight", name + ".bias", Shape.of(out, in), zero, zero);
  }

  static Initial uniform(long fanIn) {
    return Initial.uniform(1 / Math.sqrt(fanIn));
  }

  @Override
  public void declare(Consumer<ParameterSpec> sink) {
    sink.accept(ParameterSpec.trainable(weight, shape, initialWeight));
    sink.accept(ParameterSpec.trainable(bias, Shape.of(shape.dim(0)), initialBias));
  }

  /** Applies the layer in binary32, as a network's head. */
  public Tensor apply(Pass pass, Tensor x) {
    return apply(pass, x, Precision.FP32);
  }

  /** Applies the layer in the pass's precision, as a convolution: inside a network. */
  public Tensor applyInside(Pass pass, Tensor x) {
    return apply(pass, x, pass.precision());
  }

  private Tensor apply(Pass pass, Tensor x, Precision precision) {
    Matmul product = new Matmul(false, true, precision);
    return Tensor.tidy(() -> product.apply(x, pass.weight(weight)).add(pass.weight(bias)));
  }

  /**
   * Adds the layer to a graph that has its weights.
   *
   * @param x a value [N, in]
   * @return the value of y
   */
  public String export(OnnxGraph graph, String x) {
    return graph.node("Gemm", weight, List.of(x, weight, bias), Attribute.number("transB", 1));
  }

  /**
   * Adds the layer to a graph that has its weights, for rows of several axes.
   *
   * @param x a value […, in]
   * @return the value of y, […, out]
   */
  String exportRows(OnnxGraph graph, String x) {
    String transposed = graph.node("Transpose", weight + "/transposed", List.of(weight));
    String product = graph.node("MatMul", weight, List.of(x, transposed));
    return graph.node("Add", bias, List.of(product, bias));
  }
}
