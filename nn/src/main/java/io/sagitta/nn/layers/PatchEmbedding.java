package io.sagitta.nn.layers;

import io.sagitta.engine.Shape;
import io.sagitta.engine.Tensor;
import io.sagitta.engine.ops.Concat;
import io.sagitta.nn.io.OnnxGraph;
import io.sagitta.nn.io.OnnxGraph.Attribute;
import io.sagitta.nn.layers.ParameterSpec.Initial;
import java.util.List;
import java.util.function.Consumer;

/**
 * The tokens of an image (Dosovitskiy and others, "An Image Is Worth 16x16 Words", 2021): a class
 * token, then each patch projected by a convolution whose stride is its window, and to each its
 * position's embedding added. Names and start are torchvision's.
 */
public final class PatchEmbedding implements Layer {
  private static final String TOKEN = "class_token";
  private static final String POSITION = "encoder.pos_embedding";

  /** The deviation of positions' embeddings. */
  private static final double POSITION_DEVIATION = 0.02;

  private final int width;
  private final int patches;
  private final Conv projection;

  /**
   * Makes the layer.
   *
   * @param side rows and columns of the images, a multiple of the patch's
   * @param width of a token
   */
  public PatchEmbedding(int side, int patch, int colours, int width) {
    this.width = width;
    this.patches = (side / patch) * (side / patch);
    Shape weight = Shape.of(width, colours, patch, patch);
    Initial initial = Initial.normal(1 / Math.sqrt(weight.elements(1, 4)));
    projection = new Conv("conv_proj", weight, patch, initial, Initial.constant(0));
  }

  /** The class token and the patches. */
  public int tokens() {
    return 1 + patches;
  }

  @Override
  public void declare(Consumer<ParameterSpec> sink) {
    sink.accept(ParameterSpec.trainable(TOKEN, Shape.of(1, 1, width), Initial.constant(0)));
    projection.declare(sink);
    sink.accept(
        ParameterSpec.trainable(
            POSITION, Shape.of(1, tokens(), width), Initial.normal(POSITION_DEVIATION)));
  }

  /**
   * Applies the layer.
   *
   * @param x images [N, side, side, colours]
   * @return [N·T, width], each image's tokens one after the other
   */
  public Tensor apply(Pass pass, Tensor x) {
    int samples = x.shape().dim(0);
    return Tensor.tidy(
        () -> {
          Tensor patch =
              projection.apply(pass, x, false).reshape(Shape.of(samples, patches, width));
          Tensor token = pass.weight(TOKEN).broadcastTo(Shape.of(samples, 1, width));
          return Concat.concat(1, List.of(token, patch))
              .add(pass.weight(POSITION))
              .reshape(Shape.of(samples * tokens(), width));
        });
  }

  /**
   * Adds the layer to a graph that has its weights.
   *
   * @param x a value [N, colours, side, side]
   * @return the value of the tokens, [N, T, width]
   */
  public String export(OnnxGraph graph, String x) {
    String flat =
        graph.node(
            "Reshape", "patches/flat",
            List.of(
                projection.export(graph, x, false),
                graph.integers("patches/shape", 0, width, patches)));
    String patch =
        graph.node("Transpose", "patches", List.of(flat), Attribute.list("perm", 0, 2, 1));
    String samples =
        graph.node(
            "Shape", "samples", List.of(x), Attribute.number("start", 0),
            Attribute.number("end", 1));
    String shape =
        graph.node(
            "Concat", "token/shape", List.of(samples, graph.integers("token/one", 1, 1)),
            Attribute.number("axis", 0));
    String token = graph.node("Expand", "token", List.of(TOKEN, shape));
    String all =
        graph.node("Concat", "tokens", List.of(token, patch), Attribute.number("axis", 1));
    return graph.node("Add", "positioned", List.of(all, POSITION));
  }
}
