package io.sagitta.attack.target;

import io.sagitta.engine.curvature.Margin;
import java.util.Locale;

/**
 * What a target's numbers are, and how they become logits.
 *
 * <p>Probabilities become logarithms: the softmax of these is the probabilities again, and the loss
 * of a sure answer keeps the digits of the improbable classes. Of rounded ones, those that round to
 * zero share what the others leave of one, at least a quarter of the rounding step together and at
 * most half of it each, so that the loss is −log p of the class's own number wherever that is not
 * zero.
 *
 * @param probabilities whether they are; otherwise logits, to which a constant may be added
 * @param step what they are rounded to multiples of; 0 for as many digits as float32 has
 */
public record Answers(boolean probabilities, double step) {
  private static final int MOST_DECIMALS = 6;

  /** Of a float32 number, relative. */
  private static final double FLOAT_ROUNDING = 0x1p-24;

  /** What probabilities in float32 may sum to beside one. */
  private static final double SUM_TOLERANCE = 1e-3;

  /**
   * Recognises a target's answers to some images.
   *
   * @param kind {@code auto}, {@code logits} or {@code probabilities}
   * @param answers [rows, classes]
   * @throws TargetException if they are not of the kind, or say no more than a class
   */
  public static Answers recognise(String target, String kind, float[] answers, int classes) {
    double step = step(answers);
    boolean probabilities =
        switch (kind) {
          case "auto" -> areProbabilities(answers, classes, step);
          case "logits" -> false;
          case "probabilities" -> true;
          default ->
              throw new IllegalArgumentException(
                  "answers: expected auto, logits or probabilities, got '" + kind + "'");
        };
    if (step == 1 && probabilities) {
      throw new TargetException(
          target + ": expected confidences, found zeros and ones alone in its answers to "
              + answers.length / classes + " images");
    }
    Answers found = new Answers(probabilities, step);
    for (int row = 0; row < answers.length / classes; row++) {
      found.check(target, answers, row, classes);
    }
    return found;
  }

  private static boolean areProbabilities(float[] answers, int classes, double step) {
    for (int row = 0; row < answers.length / classes; row++) {
      if (!isDistribution(answers, row, classes, step)) {
        return false;
      }
    }
    return true;
  }

  private static boolean isDistribution(float[] answers, int row, int classes, double step) {
    double sum = 0;
    for (int k = row * classes; k < (row + 1) * classes; k++) {
      if (!(answers[k] >= 0 && answers[k] <= 1 + SUM_TOLERANCE)) {
        return false;
      }
      sum += answers[k];
    }
    return Math.abs(sum - 1) <= SUM_TOLERANCE + classes * step / 2;
  }

  /** The power of ten that all numbers are multiples of, as far as float32 can say; or 0. */
  private static double step(float[] answers) {
    for (int decimals = 0; decimals <= MOST_DECIMALS; decimals++) {
      double scale = Math.pow(10, decimals);
      boolean all = true;
      for (int i = 0; i < answers.length && all; i++) {
        double scaled = answers[i] * scale;
        all = Math.abs(scaled - Math.rint(scaled)) <= 2 * FLOAT_ROUNDING * Math.abs(scaled);
      }
      if (all) {
        return 1 / scale;
      }
    }
    return 0;
  }

  private void check(String target, float[] answers, int row, int classes) {
    for (int k = row * classes; k < (row + 1) * classes; k++) {
      if (!Float.isFinite(answers[k])) {
        throw new TargetException(
            target + ": expected finite numbers, found " + answers[k] + " for class "
                + (k - row * classes));
      }
    }
    if (probabilities && !isDistribution(answers, row, classes, step)) {
      throw new TargetException(
          target + ": expected probabilities that are not negative and sum to 1, found "
              + shown(answers, row * classes, classes));
    }
  }

  private static String shown(float[] answers, int from, int classes) {
    double sum = 0;
    float least = Float.POSITIVE_INFINITY;
    for (int k = from; k < from + classes; k++) {
      sum += answers[k];
      least = Math.min(least, answers[k]);
    }
    return String.format(Locale.ROOT, "a sum of %.6g and a least one of %.6g", sum, least);
  }

  /**
   * Makes logits of answers.
   *
   * @param answers [rows, classes]
   * @return [rows, classes], the greatest of each row 0
   * @throws TargetException if they are not what {@link #recognise} found
   */
  double[] logits(String target, float[] answers, int classes) {
    double[] logits = new double[answers.length];
    for (int row = 0; row < answers.length / classes; row++) {
      check(target, answers, row, classes);
      int from = row * classes;
      double greatest = Double.NEGATIVE_INFINITY;
      double atZero = probabilities ? atZero(answers, from, classes) : 0;
      for (int k = from; k < from + classes; k++) {
        logits[k] =
            probabilities ? Math.log(answers[k] > 0 ? answers[k] : atZero) : answers[k];
        greatest = Math.max(greatest, logits[k]);
      }
      for (int k = from; k < from + classes; k++) {
        logits[k] -= greatest;
      }
    }
    return logits;
  }

  /**
   * What a model would have answered.
   *
   * @param logits [rows, classes]
   */
  float[] given(double[] logits, int classes) {
    float[] given = new float[logits.length];
    for (int row = 0; row < logits.length / classes; row++) {
      for (int k = 0; k < classes; k++) {
        int i = row * classes + k;
        double value =
            probabilities
                ? Margin.probability(Margin.of(logits, row, classes, k))
                : logits[i];
        given[i] = (float) (step == 0 ? value : Math.rint(value / step) * step);
      }
    }
    return given;
  }

  /** What a probability of zero stands for. */
  private double atZero(float[] answers, int from, int classes) {
    double sum = 0;
    int zeros = 0;
    for (int k = from; k < from + classes; k++) {
      sum += answers[k];
      zeros += answers[k] > 0 ? 0 : 1;
    }
    return step == 0
        ? Float.MIN_VALUE
        : Math.min(step / 2, Math.max(step / 4, 1 - sum) / Math.max(1, zeros));
  }

  /**
   * The standard deviation of the rounding in a loss: that of a number uniform in a rounding step,
   * carried through the logarithm.
   */
  double lossRounding(double loss) {
    double own = Math.exp(-loss);
    double uniform = 1 / Math.sqrt(12);
    if (!probabilities) {
      return Math.sqrt(2) * uniform * step * (1 - own);
    }
    return step == 0
        ? 2 * Math.sqrt(2) * uniform * FLOAT_ROUNDING * (1 - own)
        : uniform * step / Math.max(own, step / 4);
  }

  /** In words, such as {@code probabilities rounded to 0.001}. */
  @Override
  public String toString() {
    String kind = probabilities ? "probabilities" : "logits";
    return step == 0 ? kind : kind + " rounded to " + step;
  }
}
