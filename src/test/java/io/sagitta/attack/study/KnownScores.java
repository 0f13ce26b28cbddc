package io.sagitta.attack.study;

import io.sagitta.attack.run.ScoreSet;
import io.sagitta.attack.run.Signal;
import io.sagitta.kernels.Philox;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** Runs whose scores follow a law that a study should find. */
final class KnownScores {
  /** A standardised disturbance, from its stream and index. */
  interface Noise {
    double at(Philox philox, long stream, int index);
  }

  static final Noise GAUSSIAN = (philox, stream, index) -> philox.normal(stream, index);

  /** Exponential: skewed, and heavy on one side. */
  static final Noise SKEWED =
      (philox, stream, index) -> -Math.log1p(-philox.uniform(stream, index)) - 1;

  private KnownScores() {}

  /**
   * Random halves and their complements; an image's hardness, less a shift for members, plus noise
   * of deviation 1.
   *
   * @param curvatureShift in log curvature
   * @param logitShift in the logit, upwards
   * @param targets the last ones
   */
  static StudiedRun run(
      long seed, int models, int targets, int samples, double curvatureShift, double logitShift,
      Noise noise) {
    Philox philox = new Philox(seed);
    boolean[][] members = new boolean[models][samples];
    for (int m = 0; m < models; m++) {
      for (int s = 0; s < samples; s++) {
        members[m][s] = philox.uniform(m / 2, s) > 0.5 == (m % 2 == 0);
      }
    }
    ScoreSet scores = new ScoreSet(members, new long[samples], List.of(ScoreSet.IDENTITY));
    for (int m = 0; m < models; m++) {
      double[] curvature = new double[samples];
      double[] logit = new double[samples];
      double[] probability = new double[samples];
      double[] loss = new double[samples];
      for (int s = 0; s < samples; s++) {
        double hardness = 2 * philox.normal(1 << 20, s);
        int in = members[m][s] ? 1 : 0;
        curvature[s] = Math.exp(hardness - in * curvatureShift + noise.at(philox, 1000 + m, s));
        logit[s] = -hardness + in * logitShift + noise.at(philox, 2000 + m, s);
        loss[s] = Math.log1p(Math.exp(-logit[s]));
        probability[s] = Math.exp(-loss[s]);
      }
      scores.put(Signal.CURV_ZO, m, curvature);
      scores.put(Signal.LOGIT, m, logit);
      scores.put(Signal.LOSS, m, loss);
      scores.put(Signal.PROB_TRUE, m, probability);
    }
    return new StudiedRun(
        scores, IntStream.range(models - targets, models).toArray(), Map.of("Made", "by <law>"));
  }
}
