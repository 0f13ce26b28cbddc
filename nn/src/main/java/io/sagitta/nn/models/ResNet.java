package io.sagitta.nn.models;

import io.sagitta.engine.Tensor;
import io.sagitta.engine.ops.Pooling;
import io.sagitta.nn.io.OnnxGraph;
import io.sagitta.nn.layers.ConvNorm;
import io.sagitta.nn.layers.Dense;
import io.sagitta.nn.layers.Pass;
import io.sagitta.nn.layers.ResidualBlock;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * Residual networks (He, Zhang, Ren, Sun, CVPR 2016): a stem, stages of blocks, each stage but the
 * first beginning with stride 2 and doubling the channels, a global average and a dense layer.
 * Bottlenecks have their stride in the 3×3 convolution, as torchvision's.
 */
final class ResNet extends Network {
  private final ConvNorm stem;
  private final List<ResidualBlock> blocks = new ArrayList<>();
  private final Dense head;

  private ResNet(ModelSpec spec, boolean bottleneck, int... depths) {
    super(spec);
    boolean cifar = spec.stem() == Stem.CIFAR;
    stem =
        own(
            ConvNorm.of(
                spec.norm(), "conv1", "bn1", COLOURS, spec.width(), cifar ? 3 : 7,
                cifar ? 1 : 2));
    int channels = addStages(cifar ? "shortcut" : "downsample", bottleneck, depths);
    head = own(new Dense(cifar ? "linear" : "fc", channels, spec.classes()));
  }

  /**
   * Of blocks of two convolutions.
   *
   * @param depths blocks of each stage
   */
  static ResNet basic(ModelSpec spec, int... depths) {
    return new ResNet(spec, false, depths);
  }

  /** Of blocks of three. */
  static ResNet bottleneck(ModelSpec spec, int... depths) {
    return new ResNet(spec, true, depths);
  }

  private int addStages(String shortcut, boolean bottleneck, int... depths) {
    int channels = stem.channels();
    for (int stage = 0; stage < depths.length; stage++) {
      int width = Math.multiplyExact(spec().width(), 1 << stage);
      for (int i = 0; i < depths[stage]; i++) {
        String name = "layer" + (stage + 1) + "." + i;
        int stride = stage > 0 && i == 0 ? 2 : 1;
        ResidualBlock block =
            own(
                bottleneck
                    ? ResidualBlock.bottleneck(
                        spec().norm(), name, shortcut, channels, width, stride)
                    : ResidualBlock.basic(
                        spec().norm(), name, shortcut, channels, width, stride));
        blocks.add(block);
        channels = block.channels();
      }
    }
    return channels;
  }

  @Override
  Tensor logits(Pass pass, Tensor x) {
    List<UnaryOperator<Tensor>> steps = new ArrayList<>();
    steps.add(images -> begin(pass, images));
    blocks.forEach(block -> steps.add(y -> block.apply(pass, y)));
    return head.apply(pass, Pooling.globalAvgPool2d(through(steps, x)));
  }

  private Tensor begin(Pass pass, Tensor x) {
    Tensor y = stem.apply(pass, x, null, true);
    return spec().stem() == Stem.CIFAR ? y : Pooling.maxPool2d(y, 3, 2, 1);
  }

  @Override
  public String export(OnnxGraph graph, String x) {
    String y = stem.export(graph, x, null, true);
    if (spec().stem() == Stem.IMAGENET) {
      y = maxPool(graph, "pool", y, 3, 2, 1);
    }
    for (ResidualBlock block : blocks) {
      y = block.export(graph, y);
    }
    return head.export(graph, average(graph, y));
  }
}
