package io.sagitta.nn.models;

import io.sagitta.engine.Tensor;
import io.sagitta.nn.io.OnnxGraph;
import io.sagitta.nn.layers.Dense;
import io.sagitta.nn.layers.Pass;

/** Three dense layers with rectifiers between them, for 32×32 colour images. */
final class Mlp extends Network {
  private static final int PIXELS = 32 * 32 * COLOURS;

  private final Dense fc1;
  private final Dense fc2;
  private final Dense fc3;

  Mlp(ModelSpec spec) {
    super(spec);
    fc1 = own(new Dense("fc1", PIXELS, spec.width()));
    fc2 = own(new Dense("fc2", spec.width(), spec.width()));
    fc3 = own(new Dense("fc3", spec.width(), spec.classes()));
  }

  @Override
  Tensor logits(Pass pass, Tensor x) {
    Tensor first = fc1.applyInside(pass, flatten(x)).relu();
    return fc3.apply(pass, fc2.applyInside(pass, first).relu());
  }

  @Override
  public String export(OnnxGraph graph, String x) {
    String first = rectified(graph, fc1, flatten(graph, x));
    return fc3.export(graph, rectified(graph, fc2, first));
  }
}
