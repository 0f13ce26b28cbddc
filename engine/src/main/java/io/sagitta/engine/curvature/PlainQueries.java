package io.sagitta.engine.curvature;

import io.sagitta.engine.Tensor;
import io.sagitta.engine.ops.Concat;
import java.util.ArrayList;
import java.util.List;

/** Losses at points around samples, asked in one batch. */
final class PlainQueries {
  private PlainQueries() {}

  /**
   * The losses at centre + offset, in float64 from the logits.
   *
   * @param centre [R, …]
   * @param offsets each of the centre's shape
   * @param labels [R]
   * @return [offsets, R]
   */
  static double[] losses(Logits network, Tensor centre, List<Tensor> offsets, int[] labels) {
    List<Tensor> points = new ArrayList<>();
    int[] repeated = new int[offsets.size() * labels.length];
    for (Tensor offset : offsets) {
      System.arraycopy(labels, 0, repeated, points.size() * labels.length, labels.length);
      points.add(centre.add(offset));
    }
    Tensor logits = network.logits(Concat.concat(0, points));
    return Estimate.losses(logits.toDoubles(), logits.shape().dim(1), repeated);
  }
}
