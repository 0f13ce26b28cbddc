package io.sagitta.nn.models;

import io.sagitta.engine.Tensor;
import io.sagitta.engine.ops.Pooling;
import io.sagitta.nn.io.OnnxGraph;
import io.sagitta.nn.layers.ConvNorm;
import io.sagitta.nn.layers.Dense;
import io.sagitta.nn.layers.Pass;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * VGG with batch normalisation (Simonyan and Zisserman, "Very Deep Convolutional Networks for
 * Large-Scale Image Recognition", 2015) as is usual for CIFAR: five stages of 3×3 convolutions, each
 * ending in a 2×2 maximum, then one dense layer, {@code classifier}. Its {@code features} are named
 * as torchvision's {@code vgg11_bn} and {@code vgg16_bn}, whose three dense layers it has not. Images
 * larger than 32×32 leave more than one pixel, which are averaged.
 */
final class Vgg extends Network {
  /** Channels of the stages, in widths. */
  private static final int[] CHANNELS = {1, 2, 4, 8, 8};

  private final List<List<ConvNorm>> stages = new ArrayList<>();
  private final Dense head;

  /**
   * Makes the network.
   *
   * @param depths convolutions of each stage
   */
  Vgg(ModelSpec spec, int... depths) {
    super(spec);
    int in = COLOURS;
    int module = 0;
    for (int stage = 0; stage < depths.length; stage++) {
      int out = Math.multiplyExact(spec.width(), CHANNELS[stage]);
      List<ConvNorm> units = new ArrayList<>();
      for (int i = 0; i < depths[stage]; i++) {
        // Of nn.Sequential's modules: convolution, normalisation and rectifier, the maximum last.
        String norm = "features." + (module + 1);
        units.add(own(ConvNorm.biased(spec.norm(), "features." + module, norm, in, out)));
        module += 3;
        in = out;
      }
      module++;
      stages.add(units);
    }
    head = own(new Dense("classifier", in, spec.classes()));
  }

  @Override
  Tensor logits(Pass pass, Tensor x) {
    List<UnaryOperator<Tensor>> steps = new ArrayList<>();
    for (List<ConvNorm> units : stages) {
      steps.add(y -> Pooling.maxPool2d(ConvNorm.chain(pass, units, y, null), 2, 2, 0));
    }
    return head.apply(pass, Pooling.globalAvgPool2d(through(steps, x)));
  }

  @Override
  public String export(OnnxGraph graph, String x) {
    String y = x;
    for (int stage = 0; stage < stages.size(); stage++) {
      for (ConvNorm unit : stages.get(stage)) {
        y = unit.export(graph, y, null, true);
      }
      y = maxPool(graph, "pool" + stage, y, 2, 2, 0);
    }
    return head.export(graph, average(graph, y));
  }
}
