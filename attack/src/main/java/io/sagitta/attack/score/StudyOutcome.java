package io.sagitta.attack.score;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * How one way to score did in a study.
 *
 * @param name such as {@code plain-fp32} or {@code hutchinson, n = 16}
 * @param series what it belongs to: ways of one series differ in how much work they do
 * @param scores [samples]
 * @param exact [samples], what the scores should be; null for those that the others are measured by
 * @param seconds for all of them
 */
public record StudyOutcome(
    String name, String series, double[] scores, double[] exact, double seconds) {

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
    double[] scores = parts.stream().flatMapToDouble(p -> Arrays.stream(p.scores)).toArray();
    double[] exact =
        first.exact == null
            ? null
            : parts.stream().flatMapToDouble(p -> Arrays.stream(p.exact)).toArray();
    double seconds = parts.stream().mapToDouble(StudyOutcome::seconds).sum();
    return new StudyOutcome(first.name, first.series, scores, exact, seconds);
  }
}
