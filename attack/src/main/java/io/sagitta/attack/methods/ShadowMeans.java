package io.sagitta.attack.methods;

import io.sagitta.attack.methods.ShadowStatistics.Side;

/**
 * Every sample's mean on both sides under a view. A sample that no shadow had (or that all had)
 * takes the missing mean from the other side, moved by the mean difference of the samples that have
 * both. NaN where there is neither.
 *
 * @param in {@code [samples]}
 * @param out {@code [samples]}
 * @param imputed {@code [samples]}: whether one of the two was taken from the other
 */
record ShadowMeans(double[] in, double[] out, boolean[] imputed) {
  static ShadowMeans of(ShadowStatistics statistics, int view) {
    Side ins = statistics.in();
    Side outs = statistics.out();
    double[] in = new double[ins.samples()];
    double[] out = new double[in.length];
    double shift = 0;
    int both = 0;
    for (int s = 0; s < in.length; s++) {
      in[s] = ins.mean(view, s);
      out[s] = outs.mean(view, s);
      if (!Double.isNaN(in[s] - out[s])) {
        shift += in[s] - out[s];
        both++;
      }
    }
    shift /= both;
    boolean[] imputed = new boolean[in.length];
    for (int s = 0; s < in.length; s++) {
      imputed[s] = Double.isNaN(in[s]) != Double.isNaN(out[s]);
      if (imputed[s]) {
        in[s] = Double.isNaN(in[s]) ? out[s] + shift : in[s];
        out[s] = Double.isNaN(out[s]) ? in[s] - shift : out[s];
      }
    }
    return new ShadowMeans(in, out, imputed);
  }
}
