package io.sagitta.nn.layers;

import io.sagitta.engine.Shape;
import io.sagitta.engine.Tensor;
import io.sagitta.engine.ops.Matmul;
import io.sagitta.engine.ops.Softmax;
import io.sagitta.nn.io.OnnxGraph;
import io.sagitta.nn.io.OnnxGraph.Attribute;
import io.sagitta.nn.layers.ParameterSpec.Initial;
import java.util.List;
import java.util.function.Consumer;

/**
 * Multi-head self-attention over the tokens of each sample (Vaswani and others, "Attention Is All
 * You Need", 2017): for each head softmax(q·kᵀ/√s)·v with s = d/heads, all heads' results projected
 * once more. Tokens: [N·T, d], a sample's T one after the other. Parameters and their start are those
 * of PyTorch's {@code MultiheadAttention}.
 */
public final class SelfAttention implements Layer {
  private final String name;
  private final int heads;
  private final int size;
  private final Dense in;
  private final Dense out;

  /**
   * Makes the layer.
   *
   * @param width d, a multiple of the heads
   */
  public SelfAttention(String name, int width, int heads) {
    this.name = name;
    this.heads = heads;
    this.size = width / heads;
    Initial zero = Initial.constant(0);
    in =
        new Dense(
            name + ".in_proj_weight", name + ".in_proj_bias", Shape.of(3 * width, width),
            xavier(width, 3 * width), zero);
    out =
        new Dense(
            name + ".out_proj.weight", name + ".out_proj.bias", Shape.of(width, width),
            Dense.uniform(width), zero);
  }

  /** Uniform in ±√(6/(in + out)) (Glorot and Bengio, 2010). */
  static Initial xavier(int in, int out) {
    return Initial.uniform(Math.sqrt(6.0 / (in + out)));
  }

  @Override
  public void declare(Consumer<ParameterSpec> sink) {
    in.declare(sink);
    out.declare(sink);
  }

  /**
   * Applies the layer.
   *
   * @param tokens T of each sample
   */
  public Tensor apply(Pass pass, Tensor x, int tokens) {
    return Tensor.tidy(() -> out.applyInside(pass, mixed(pass, x, tokens)));
  }

  private Tensor mixed(Pass pass, Tensor x, int tokens) {
    int samples = x.shape().dim(0) / tokens;
    Matmul scores = new Matmul(false, true, pass.precision());
    Matmul mixture = new Matmul(false, false, pass.precision());
    return Tensor.tidy(
        () -> {
          Tensor all =
              in.applyInside(pass, x)
                  .reshape(Shape.of(samples, tokens, 3, heads, size))
                  .transpose(2, 0, 3, 1, 4);
          Tensor q = part(all, 0).mul(1 / Math.sqrt(size));
          Tensor weights = Softmax.softmax(scores.apply(q, part(all, 1)));
          return mixture
              .apply(weights, part(all, 2))
              .reshape(Shape.of(samples, heads, tokens, size))
              .transpose(0, 2, 1, 3)
              .reshape(x.shape());
        });
  }

  /** Queries, keys or values: [N·heads, T, s]. */
  private Tensor part(Tensor all, int index) {
    Shape shape = all.shape();
    return all.slice(0, index, 1)
        .reshape(Shape.of(shape.dim(1) * heads, shape.dim(3), size));
  }

  /**
   * Adds the layer to a graph that has its weights.
   *
   * @param x a value [N, T, d]
   * @param tokens T
   * @return the value of the result, [N, T, d]
   */
  String export(OnnxGraph graph, String x, int tokens) {
    String parts = graph.integers(name + "/parts", 0, tokens, 3, heads, size);
    String all = graph.node("Reshape", name + "/split", List.of(in.exportRows(graph, x), parts));
    all = transposed(graph, "/heads", all, 2, 0, 3, 1, 4);
    String scale = graph.scalar(name + "/scale", 1 / Math.sqrt(size));
    String q = graph.node("Mul", name + "/scaled", List.of(part(graph, all, "q", 0), scale));
    String k = transposed(graph, "/keys", part(graph, all, "k", 1), 0, 1, 3, 2);
    String scores = graph.node("MatMul", name + "/scores", List.of(q, k));
    String weights =
        graph.node("Softmax", name + "/softmax", List.of(scores), Attribute.number("axis", -1));
    String mixed =
        graph.node("MatMul", name + "/mixed", List.of(weights, part(graph, all, "v", 2)));
    String rows = graph.integers(name + "/rows", 0, tokens, (long) heads * size);
    String together = transposed(graph, "/tokens", mixed, 0, 2, 1, 3);
    return out.exportRows(
        graph, graph.node("Reshape", name + "/together", List.of(together, rows)));
  }

  private String transposed(OnnxGraph graph, String suffix, String x, long... axes) {
    return graph.node("Transpose", name + suffix, List.of(x), Attribute.list("perm", axes));
  }

  /** Queries, keys or values: [N, heads, T, s]. */
  private String part(OnnxGraph graph, String all, String what, int index) {
    String at = graph.integer(name + "/" + what + "/index", index);
    return graph.node(
        "Gather", name + "/" + what, List.of(all, at), Attribute.number("axis", 0));
  }
}
