package io.sagitta.nn.models;

import io.sagitta.engine.Tensor;
import io.sagitta.engine.ops.Pooling;
import io.sagitta.nn.io.OnnxGraph;
import io.sagitta.nn.layers.Conv;
import io.sagitta.nn.layers.Dense;
import io.sagitta.nn.layers.Pass;

/**
 * LeNet-5 (LeCun, Bottou, Bengio and Haffner, 1998) as it is used today, for 32×32 colour images: two
 * 5×5 convolutions with rectifiers and 2×2 maxima, three dense layers. At its own width of 6 it has
 * 6 and 16 channels, 120 and 84 units; other widths keep the proportions.
 */
final class LeNet5 extends Network {
  private static final int WINDOW = 5;

  /** Rows and columns of the images between convolutions and dense layers. */
  private static final int LAST_SIDE = 5;

  private final Conv conv1;
  private final Conv conv2;
  private final Dense fc1;
  private final Dense fc2;
  private final Dense fc3;

  LeNet5(ModelSpec spec) {
    super(spec);
    int width = spec.width();
    int channels = Math.multiplyExact(8, width) / 3;
    int first = Math.multiplyExact(20, width);
    int second = Math.multiplyExact(14, width);
    conv1 = own(new Conv("conv1", COLOURS, width, WINDOW));
    conv2 = own(new Conv("conv2", width, channels, WINDOW));
    fc1 = own(new Dense("fc1", channels * LAST_SIDE * LAST_SIDE, first));
    fc2 = own(new Dense("fc2", first, second));
    fc3 = own(new Dense("fc3", second, spec.classes()));
  }

  @Override
  Tensor logits(Pass pass, Tensor x) {
    Tensor rows =
        Tensor.tidy(
            () -> {
              Tensor y = Pooling.maxPool2d(conv1.apply(pass, x, true), 2, 2, 0);
              return flatten(Pooling.maxPool2d(conv2.apply(pass, y, true), 2, 2, 0));
            });
    Tensor first = fc1.applyInside(pass, rows).relu();
    return fc3.apply(pass, fc2.applyInside(pass, first).relu());
  }

  @Override
  public String export(OnnxGraph graph, String x) {
    String y = maxPool(graph, "pool1", conv1.export(graph, x, true), 2, 2, 0);
    y = maxPool(graph, "pool2", conv2.export(graph, y, true), 2, 2, 0);
    String first = rectified(graph, fc1, flatten(graph, y));
    return fc3.export(graph, rectified(graph, fc2, first));
  }
}
