package io.sagitta.attack.study;

import io.sagitta.attack.score.ScoreErrors;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.stream.IntStream;

/**
 * How one way to score did in a study.
 *
 * @param scores [samples]
 * @param exact [samples], what the scores should be; null for those that the others are measured by
 * @param factor what the estimator's own scores were multiplied by to give these
 * @param seconds for all of them
 */
public record StudyOutcome(
    Setting setting, double[] scores, double[] exact, double factor, double seconds) {

  /** An outcome as the estimator gives it. */
  StudyOutcome(Setting setting, double[] scores, double[] exact, double seconds) {
    this(setting, scores, exact, 1, seconds);
  }

  /** What was done, such as {@code plain-fp32} or {@code hutchinson, n = 16}. */
  public String name() {
    return setting.name();
  }

  /** How far scores are from what they should be; null for those that others are measured by. */
  public ScoreErrors errors() {
    return exact == null ? null : ScoreErrors.of(scores, exact);
  }

  /** The rate at which it scored. */
  public double samplesPerSecond() {
    return scores.length / seconds;
  }

  /**
   * The outcomes of several models as one, their samples one model's after the other's.
   *
   * @param models at least one, each with the same ways in the same order
   */
  public static List<StudyOutcome> together(List<List<StudyOutcome>> models) {
    List<StudyOutcome> first = models.get(0);
    return IntStream.range(0, first.size())
        .mapToObj(way -> join(models.stream().map(model -> model.get(way)).toList()))
        .toList();
  }

  private static StudyOutcome join(List<StudyOutcome> parts) {
    StudyOutcome first = parts.get(0);
    return new StudyOutcome(
        first.setting, all(parts, StudyOutcome::scores),
        first.exact == null ? null : all(parts, StudyOutcome::exact),
        parts.stream().mapToDouble(StudyOutcome::factor).average().orElseThrow(),
        parts.stream().mapToDouble(StudyOutcome::seconds).sum());
  }

  private static double[] all(List<StudyOutcome> parts, Function<StudyOutcome, double[]> values) {
    return parts.stream().map(values).flatMapToDouble(Arrays::stream).toArray();
  }
}
