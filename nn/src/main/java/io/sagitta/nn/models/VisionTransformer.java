package io.sagitta.nn.models;

import io.sagitta.engine.Shape;
import io.sagitta.engine.Tensor;
import io.sagitta.nn.io.OnnxGraph;
import io.sagitta.nn.io.OnnxGraph.Attribute;
import io.sagitta.nn.layers.Dense;
import io.sagitta.nn.layers.EncoderBlock;
import io.sagitta.nn.layers.LayerNormalization;
import io.sagitta.nn.layers.Pass;
import io.sagitta.nn.layers.PatchEmbedding;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * The vision transformer (Dosovitskiy and others, 2021) in the tiny size of DeiT (Touvron and others,
 * 2021) for 32×32 images: patches of 4×4, twelve blocks of three heads, 192 numbers a token; the class
 * token's is classified. Names are torchvision's.
 */
final class VisionTransformer extends Network {
  private static final int SIDE = 32;
  private static final int PATCH = 4;
  private static final int BLOCKS = 12;
  private static final int HEADS = 3;

  private final PatchEmbedding embedding;
  private final List<EncoderBlock> blocks = new ArrayList<>();
  private final LayerNormalization norm;
  private final Dense head;

  VisionTransformer(ModelSpec spec) {
    super(spec);
    int width = spec.width();
    if (width % HEADS != 0) {
      throw new IllegalArgumentException(
          spec.architecture() + ": expected a width that is a multiple of its " + HEADS
              + " heads, got " + width);
    }
    embedding = own(new PatchEmbedding(SIDE, PATCH, COLOURS, width));
    for (int i = 0; i < BLOCKS; i++) {
      blocks.add(own(new EncoderBlock("encoder.layers.encoder_layer_" + i, width, HEADS)));
    }
    norm = own(new LayerNormalization("encoder.ln", width));
    head = own(Dense.zero("heads.head", width, spec.classes()));
  }

  @Override
  Tensor logits(Pass pass, Tensor x) {
    int tokens = embedding.tokens();
    List<UnaryOperator<Tensor>> steps = new ArrayList<>();
    steps.add(images -> embedding.apply(pass, images));
    blocks.forEach(block -> steps.add(y -> block.apply(pass, y, tokens)));
    steps.add(y -> classTokens(y, x.shape().dim(0), tokens));
    steps.add(y -> norm.apply(pass, y));
    return head.apply(pass, through(steps, x));
  }

  /** The first token of each sample, [N, width]. */
  private Tensor classTokens(Tensor y, int samples, int tokens) {
    int width = spec().width();
    return y.reshape(Shape.of(samples, tokens, width))
        .slice(1, 0, 1)
        .reshape(Shape.of(samples, width));
  }

  @Override
  public String export(OnnxGraph graph, String x) {
    String y = embedding.export(graph, x);
    for (EncoderBlock block : blocks) {
      y = block.export(graph, y, embedding.tokens());
    }
    String token =
        graph.node(
            "Gather", "class", List.of(y, graph.integer("class/index", 0)),
            Attribute.number("axis", 1));
    return head.export(graph, norm.export(graph, token));
  }
}
