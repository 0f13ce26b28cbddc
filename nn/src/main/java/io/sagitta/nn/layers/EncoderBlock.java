package io.sagitta.nn.layers;

import io.sagitta.engine.Shape;
import io.sagitta.engine.Tensor;
import io.sagitta.nn.io.OnnxGraph;
import io.sagitta.nn.layers.ParameterSpec.Initial;
import java.util.List;
import java.util.function.Consumer;

/**
 * A transformer's block, normalised before its parts: z = x + attention(ln₁(x)), y = z + w₂·gelu(w₁·
 * ln₂(z)), with four times as many hidden units. Tokens: [N·T, d]. Names and start are those of
 * torchvision 0.13 and later.
 */
public final class EncoderBlock implements Layer {
  private static final int EXPANSION = 4;

  /** The deviation that torchvision draws these biases with. */
  private static final double BIAS = 1e-6;

  private final String name;
  private final LayerNormalization first;
  private final SelfAttention attention;
  private final LayerNormalization second;
  private final Dense expand;
  private final Dense contract;

  /**
   * Makes the block.
   *
   * @param name such as {@code encoder.layers.encoder_layer_0}
   * @param width d, a multiple of the heads
   */
  public EncoderBlock(String name, int width, int heads) {
    this.name = name;
    first = new LayerNormalization(name + ".ln_1", width);
    attention = new SelfAttention(name + ".self_attention", width, heads);
    second = new LayerNormalization(name + ".ln_2", width);
    expand = hidden(name + ".mlp.0", width, EXPANSION * width);
    contract = hidden(name + ".mlp.3", EXPANSION * width, width);
  }

  private static Dense hidden(String name, int in, int out) {
    return new Dense(
        name + ".weight", name + ".bias", Shape.of(out, in), SelfAttention.xavier(in, out),
        Initial.normal(BIAS));
  }

  @Override
  public void declare(Consumer<ParameterSpec> sink) {
    List.of(first, attention, second, expand, contract).forEach(layer -> layer.declare(sink));
  }

  /**
   * Applies the block.
   *
   * @param tokens T of each sample
   */
  public Tensor apply(Pass pass, Tensor x, int tokens) {
    return Tensor.tidy(
        () -> {
          Tensor z =
              Tensor.tidy(() -> x.add(attention.apply(pass, first.apply(pass, x), tokens)));
          return z.add(
              Tensor.tidy(() -> {
                Tensor hidden = expand.applyInside(pass, second.apply(pass, z)).gelu();
                return contract.applyInside(pass, hidden);
              }));
        });
  }

  /**
   * Adds the block to a graph that has its weights.
   *
   * @param x a value [N, T, d]
   * @param tokens T
   * @return the value of y
   */
  public String export(OnnxGraph graph, String x, int tokens) {
    String mixed = attention.export(graph, first.export(graph, x), tokens);
    String z = graph.node("Add", name + "/attended", List.of(x, mixed));
    String hidden = gelu(graph, expand.exportRows(graph, second.export(graph, z)));
    return graph.node("Add", name, List.of(z, contract.exportRows(graph, hidden)));
  }

  /** x·(1 + erf(x/√2))/2: the operator set has no GELU of its own. */
  private String gelu(OnnxGraph graph, String x) {
    String root = graph.scalar(name + "/root", Math.sqrt(0.5));
    String one = graph.scalar(name + "/one", 1);
    String half = graph.scalar(name + "/half", 0.5);
    String scaled = graph.node("Mul", name + "/gelu/scaled", List.of(x, root));
    String erf = graph.node("Erf", name + "/gelu/erf", List.of(scaled));
    String twice = graph.node("Add", name + "/gelu/twice", List.of(erf, one));
    String product = graph.node("Mul", name + "/gelu/product", List.of(x, twice));
    return graph.node("Mul", name + "/gelu", List.of(product, half));
  }
}
