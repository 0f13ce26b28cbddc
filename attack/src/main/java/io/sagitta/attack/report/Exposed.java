package io.sagitta.attack.report;

import io.sagitta.attack.methods.AttackResult;
import io.sagitta.attack.methods.AttackResults;
import io.sagitta.attack.run.ScoreSet;
import io.sagitta.attack.run.Signal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A member that an attack is sure of.
 *
 * @param sample its index
 * @param label its class
 * @param guess the attack's score
 * @param falseAlarms non-members that score at least as high
 * @param loss the target's
 * @param unseenLoss the mean loss of shadows that were not trained on it; NaN where there are none
 * @param curvature the target's
 * @param unseenCurvature as {@code unseenLoss}
 */
record Exposed(
    int sample,
    long label,
    double guess,
    int falseAlarms,
    double loss,
    double unseenLoss,
    double curvature,
    double unseenCurvature) {

  /** The members with the highest scores of an attack on its target, the highest first. */
  static List<Exposed> of(AttackResults results, AttackResult attack, int most) {
    ScoreSet scores = results.scores();
    double[] guesses = attack.guesses();
    double[] nonmembers =
        IntStream.range(0, guesses.length)
            .filter(s -> !scores.member(attack.target(), s) && !Double.isNaN(guesses[s]))
            .mapToDouble(s -> guesses[s])
            .sorted()
            .toArray();
    int[] samples =
        IntStream.range(0, guesses.length)
            .filter(s -> scores.member(attack.target(), s) && !Double.isNaN(guesses[s]))
            .boxed()
            .sorted(Comparator.comparingDouble(s -> -guesses[s]))
            .limit(most)
            .mapToInt(Integer::intValue)
            .toArray();
    int[] others =
        IntStream.range(0, scores.models())
            .filter(m -> results.results().stream().noneMatch(result -> result.target() == m))
            .toArray();
    double[][] loss = values(scores, Signal.LOSS, attack.target(), others, samples);
    double[][] curvature = values(scores, Signal.CURV_ZO, attack.target(), others, samples);
    List<Exposed> exposed = new ArrayList<>();
    for (int i = 0; i < samples.length; i++) {
      double guess = guesses[samples[i]];
      int alarms = (int) Arrays.stream(nonmembers).filter(other -> other >= guess).count();
      exposed.add(
          new Exposed(
              samples[i], scores.label(samples[i]), guess, alarms, loss[0][i], loss[1][i],
              curvature[0][i], curvature[1][i]));
    }
    return List.copyOf(exposed);
  }

  /** A target's values of some samples, and the means over other models not trained on them. */
  private static double[][] values(
      ScoreSet scores, Signal signal, int target, int[] others, int[] samples) {
    double[] own = new double[samples.length];
    double[] mean = new double[samples.length];
    Arrays.fill(own, Double.NaN);
    int view = scores.viewOrFirst(ScoreSet.IDENTITY);
    if (scores.has(signal, target)) {
      double[] values = scores.values(signal, target, view);
      Arrays.setAll(own, i -> values[samples[i]]);
    }
    int[] count = new int[samples.length];
    for (int model : others) {
      if (scores.has(signal, model)) {
        double[] values = scores.values(signal, model, view);
        for (int i = 0; i < samples.length; i++) {
          if (!scores.member(model, samples[i]) && Double.isFinite(values[samples[i]])) {
            mean[i] += values[samples[i]];
            count[i]++;
          }
        }
      }
    }
    Arrays.setAll(mean, i -> mean[i] / count[i]);
    return new double[][] {own, mean};
  }
}
