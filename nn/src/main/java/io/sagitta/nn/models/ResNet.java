package io.sagitta.nn.models;

import io.sagitta.engine.Tensor;
import io.sagitta.engine.ops.Pooling;
import io.sagitta.nn.io.OnnxGraph;
import io.sagitta.nn.io.OnnxGraph.Attribute;
import io.sagitta.nn.layers.ConvBn;
import io.sagitta.nn.layers.Dense;
import io.sagitta.nn.layers.Layer;
import io.sagitta.nn.layers.ParameterSpec;
import io.sagitta.nn.layers.Pass;
import io.sagitta.nn.layers.ResidualBlock;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Residual networks (He, Zhang, Ren, Sun, CVPR 2016): a stem, stages of blocks, each stage but the
 * first beginning with stride 2 and doubling the channels, a global average and a dense layer.
 * Bottlenecks have their stride in the 3×3 convolution, as torchvision's.
 */
final class ResNet implements Model {
  private static final int COLOURS = 3;

  private final ModelSpec spec;
  private final ConvBn stem;
  private final List<ResidualBlock> blocks = new ArrayList<>();
  private final Dense head;
  private final List<ParameterSpec> parameters = new ArrayList<>();

  ResNet(ModelSpec spec) {
    this.spec = spec;
    boolean cifar = spec.stem() == Stem.CIFAR;
    stem = new ConvBn("conv1", "bn1", COLOURS, spec.width(), cifar ? 3 : 7, cifar ? 1 : 2);
    int channels = addStages(cifar ? "shortcut" : "downsample");
    head = new Dense(cifar ? "linear" : "fc", channels, spec.classes());
    layers().forEach(layer -> layer.declare(parameters::add));
  }

  private int addStages(String shortcut) {
    Architecture architecture = Architecture.of(spec.architecture());
    int channels = stem.channels();
    for (int stage = 0; stage < architecture.stages(); stage++) {
      int width = Math.multiplyExact(spec.width(), 1 << stage);
      for (int i = 0; i < architecture.blocks(stage); i++) {
        String name = "layer" + (stage + 1) + "." + i;
        int stride = stage > 0 && i == 0 ? 2 : 1;
        ResidualBlock block =
            architecture.bottleneck()
                ? ResidualBlock.bottleneck(name, shortcut, channels, width, stride)
                : ResidualBlock.basic(name, shortcut, channels, width, stride);
        blocks.add(block);
        channels = block.channels();
      }
    }
    return channels;
  }

  private List<Layer> layers() {
    List<Layer> layers = new ArrayList<>();
    layers.add(stem);
    layers.addAll(blocks);
    layers.add(head);
    return layers;
  }

  @Override
  public ModelSpec spec() {
    return spec;
  }

  @Override
  public List<ParameterSpec> parameters() {
    return List.copyOf(parameters);
  }

  @Override
  public Tensor forward(Pass pass, Tensor x) {
    if (x.shape().rank() != 4 || x.shape().dim(3) != COLOURS) {
      throw new IllegalArgumentException(
          spec.architecture() + ": expected images [N, H, W, " + COLOURS + "], got " + x.shape());
    }
    return Tensor.tidy(
        () -> head.apply(pass, Pooling.globalAvgPool2d(features(pass, x, blocks.size()))));
  }

  /** The output of the first {@code count} blocks; each level frees the one below it. */
  private Tensor features(Pass pass, Tensor x, int count) {
    return Tensor.tidy(
        () ->
            count == 0
                ? begin(pass, x)
                : blocks.get(count - 1).apply(pass, features(pass, x, count - 1)));
  }

  private Tensor begin(Pass pass, Tensor x) {
    Tensor y = stem.apply(pass, x, null, true);
    return spec.stem() == Stem.CIFAR ? y : Pooling.maxPool2d(y, 3, 2, 1);
  }

  @Override
  public Map<String, Tensor> fold(Pass eval) {
    Map<String, Tensor> folded = new LinkedHashMap<>();
    layers().forEach(layer -> layer.fold(eval, folded::put));
    return folded;
  }

  @Override
  public String export(OnnxGraph graph, String x) {
    String y = stem.export(graph, x, null, true);
    if (spec.stem() == Stem.IMAGENET) {
      y =
          graph.node(
              "MaxPool", "pool", List.of(y), Attribute.list("kernel_shape", 3, 3),
              Attribute.list("strides", 2, 2), Attribute.list("pads", 1, 1, 1, 1));
    }
    for (ResidualBlock block : blocks) {
      y = block.export(graph, y);
    }
    y = graph.node("GlobalAveragePool", "average", List.of(y));
    return head.export(graph, graph.node("Flatten", "flatten", List.of(y)));
  }
}
