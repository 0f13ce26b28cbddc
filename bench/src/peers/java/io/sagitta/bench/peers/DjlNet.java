package io.sagitta.bench.peers;

import ai.djl.basicmodelzoo.cv.classification.ResNetV1;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.Block;
import ai.djl.nn.Blocks;
import ai.djl.nn.Parameter;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.convolutional.Conv2d;
import ai.djl.nn.core.Linear;
import ai.djl.nn.norm.BatchNorm;
import ai.djl.nn.pooling.Pool;
import io.sagitta.bench.Problem;
import io.sagitta.nn.io.Safetensors.Entry;
import io.sagitta.nn.models.ModelSpec;
import java.util.Iterator;
import java.util.Map;

/**
 * A residual network for 32×32 images in DJL: a 3×3 stem, then stages of its basic blocks. (What
 * its own builder makes of 18 layers has bottlenecks.)
 */
final class DjlNet {
  /** The share of the running statistics that a training step keeps. */
  private static final float STATISTICS_MOMENTUM = 0.9f;

  private DjlNet() {}

  static Block of(ModelSpec network) {
    ResNetShape shape = ResNetShape.of(network);
    int[] widths = shape.widths();
    SequentialBlock net = new SequentialBlock();
    net.add(
            Conv2d.builder()
                .setKernelShape(new Shape(3, 3))
                .setFilters(widths[0])
                .optPadding(new Shape(1, 1))
                .optBias(false)
                .build())
        .add(
            BatchNorm.builder().optEpsilon(1e-5f).optMomentum(STATISTICS_MOMENTUM).build())
        .add(Activation::relu);
    int in = widths[0];
    for (int stage = 0; stage < widths.length; stage++) {
      for (int block = 0; block < shape.blocks(); block++) {
        int out = widths[stage];
        int stride = stage > 0 && block == 0 ? 2 : 1;
        net.add(
            ResNetV1.residualUnit(
                out, new Shape(stride, stride), in == out, false, STATISTICS_MOMENTUM));
        in = out;
      }
    }
    return net.add(Pool.globalAvgPool2dBlock())
        .add(Blocks.batchFlattenBlock())
        .add(Linear.builder().setUnits(Problem.CLASSES).build());
  }

  /** Has the network start from these weights, which stand in the order of its parameters. */
  static void startFrom(Map<String, Entry> weights, Block net) {
    Iterator<Entry> entries = weights.values().iterator();
    for (Parameter parameter : net.getParameters().values()) {
      Entry entry = entries.next();
      Shape found = new Shape(entry.shape());
      parameter.setInitializer(
          (manager, shape, type) -> {
            if (!shape.equals(found)) {
              throw new IllegalArgumentException(
                  parameter.getName() + ": expected " + shape + ", got " + entry);
            }
            return manager.create(entry.floats(), shape);
          });
    }
  }
}
