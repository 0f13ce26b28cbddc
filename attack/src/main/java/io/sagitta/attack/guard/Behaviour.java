package io.sagitta.attack.guard;

import io.sagitta.attack.run.ScoreSet;
import io.sagitta.attack.run.Signal;
import java.util.function.IntToDoubleFunction;

/**
 * How well a model fits what it was trained on and what it was not, on the images as they are. NaN
 * where the scores that tell are not there.
 *
 * @param members how many samples it was trained on
 * @param memberAccuracy share of them it classifies right: no class is likelier than the true one
 * @param otherAccuracy the same over samples it was not trained on
 * @param memberLoss over the samples it was trained on
 * @param otherLoss over the others
 */
public record Behaviour(
    int members, Mean memberAccuracy, Mean otherAccuracy, Mean memberLoss, Mean otherLoss) {

  /**
   * A mean over samples.
   *
   * @param value NaN if there is none
   * @param error its standard error
   */
  public record Mean(double value, double error) {}

  private static final Mean NONE = new Mean(Double.NaN, Double.NaN);

  /** A model's. */
  public static Behaviour of(ScoreSet scores, int model) {
    int members = 0;
    for (int s = 0; s < scores.samples(); s++) {
      members += scores.member(model, s) ? 1 : 0;
    }
    Mean[] accuracy = {NONE, NONE};
    Mean[] loss = {NONE, NONE};
    int view = scores.viewOrFirst(ScoreSet.IDENTITY);
    if (scores.has(Signal.PROB_TRUE, model) && scores.has(Signal.PROB_MAX, model)) {
      double[] ofTrue = scores.values(Signal.PROB_TRUE, model, view);
      double[] greatest = scores.values(Signal.PROB_MAX, model, view);
      accuracy = means(scores, model, s -> ofTrue[s] >= greatest[s] ? 1 : 0);
    }
    if (scores.has(Signal.LOSS, model)) {
      double[] losses = scores.values(Signal.LOSS, model, view);
      loss = means(scores, model, s -> losses[s]);
    }
    return new Behaviour(members, accuracy[1], accuracy[0], loss[1], loss[0]);
  }

  /** Over non-members, then over members; values that are not finite are left out. */
  private static Mean[] means(ScoreSet scores, int model, IntToDoubleFunction value) {
    double[] mean = new double[2];
    double[] squares = new double[2];
    int[] n = new int[2];
    for (int s = 0; s < scores.samples(); s++) {
      double x = value.applyAsDouble(s);
      if (Double.isFinite(x)) {
        int kind = scores.member(model, s) ? 1 : 0;
        n[kind]++;
        double step = x - mean[kind];
        mean[kind] += step / n[kind];
        squares[kind] += step * (x - mean[kind]);
      }
    }
    Mean[] means = new Mean[2];
    for (int kind = 0; kind < 2; kind++) {
      means[kind] =
          n[kind] < 2
              ? NONE
              : new Mean(mean[kind], Math.sqrt(squares[kind] / (n[kind] - 1) / n[kind]));
    }
    return means;
  }
}
