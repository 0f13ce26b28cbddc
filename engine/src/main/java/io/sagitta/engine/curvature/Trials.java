package io.sagitta.engine.curvature;

/**
 * Results of some trials of each sample.
 *
 * @param base what the network says at the samples themselves
 * @param values [N][trials]: each trial's own estimate
 */
public record Trials(Estimate.Base base, double[][] values) {
  /** The same from [N, trials] in one array. */
  static Trials of(Estimate.Base base, double[] values) {
    int samples = base.loss().length;
    int each = samples == 0 ? 0 : values.length / samples;
    double[][] rows = new double[samples][each];
    for (int s = 0; s < samples; s++) {
      System.arraycopy(values, s * each, rows[s], 0, each);
    }
    return new Trials(base, rows);
  }
}
