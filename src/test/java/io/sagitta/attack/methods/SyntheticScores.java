package io.sagitta.attack.methods;

import io.sagitta.attack.run.ScoreSet;
import io.sagitta.attack.run.Signal;
import io.sagitta.kernels.Philox;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** Scores as models might give them: membership lowers loss and curvature, samples differ. */
public final class SyntheticScores {
  private SyntheticScores() {}

  /** Random halves and their complements; every signal, two views. */
  public static ScoreSet make(long seed, int models, int samples) {
    Philox philox = new Philox(seed);
    boolean[][] members = new boolean[models][samples];
    for (int m = 0; m < models; m++) {
      for (int s = 0; s < samples; s++) {
        members[m][s] = philox.uniform(m / 2, s) > 0.5 == (m % 2 == 0);
      }
    }
    long[] labels = IntStream.range(0, samples).mapToLong(s -> s % 10).toArray();
    ScoreSet scores =
        new ScoreSet(members, labels, List.of(ScoreSet.IDENTITY, ScoreSet.FLIP));
    for (int m = 0; m < models; m++) {
      add(scores, philox, m);
    }
    return scores;
  }

  private static void add(ScoreSet scores, Philox philox, int model) {
    int samples = scores.samples();
    Map<Signal, double[]> values =
        Map.of(
            Signal.LOGIT, new double[2 * samples],
            Signal.LOSS, new double[2 * samples],
            Signal.PROB_TRUE, new double[2 * samples],
            Signal.PROB_MAX, new double[2 * samples],
            Signal.CURV_ZO, new double[2 * samples]);
    for (int i = 0; i < 2 * samples; i++) {
      int sample = i % samples;
      double hardness = philox.normal(1 << 20, sample);
      double seen = scores.member(model, sample) ? 1 : 0;
      double logit = 2 - 2 * hardness + 2 * seen + philox.normal(2000 + model, i);
      double probability = 1 / (1 + Math.exp(-logit));
      values.get(Signal.LOGIT)[i] = logit;
      values.get(Signal.PROB_TRUE)[i] = probability;
      values.get(Signal.PROB_MAX)[i] = Math.max(probability, 1 - probability);
      values.get(Signal.LOSS)[i] = Math.log1p(Math.exp(-logit));
      values.get(Signal.CURV_ZO)[i] =
          Math.exp(hardness - seen + philox.normal(4000 + model, i) - 4);
    }
    values.forEach((signal, array) -> scores.put(signal, model, array));
  }
}
