package io.sagitta.attack.report;

import io.sagitta.attack.methods.AttackResult;
import io.sagitta.attack.methods.AttackResults;
import io.sagitta.attack.run.ScoreSet;
import java.util.Comparator;
import java.util.stream.IntStream;

/**
 * {@code samples.csv}: what the strongest attack says of every sample of each target, the most
 * suspicious first. {@code fpr} is the share of non-members that score at least as high, and so
 * what it costs to accuse the sample. Samples without a score are left out.
 */
final class SamplesCsv {
  private SamplesCsv() {}

  static String of(AttackResults results) {
    StringBuilder csv = new StringBuilder("attack,mode,target,sample,label,member,score,fpr\n");
    AttackResult example = new Standing(results).example();
    results.results().stream()
        .filter(r -> r.attack() == example.attack() && r.mode() == example.mode())
        .forEach(result -> append(csv, results.scores(), result));
    return csv.toString();
  }

  private static void append(StringBuilder csv, ScoreSet scores, AttackResult result) {
    double[] guesses = result.guesses();
    int[] samples =
        IntStream.range(0, guesses.length)
            .filter(s -> !Double.isNaN(guesses[s]))
            .boxed()
            .sorted(Comparator.comparingDouble(s -> -guesses[s]))
            .mapToInt(Integer::intValue)
            .toArray();
    int point = 0;
    String start =
        result.attack().id() + "," + result.mode().id() + "," + result.target() + ",";
    for (int sample : samples) {
      while (result.roc().threshold(point) > guesses[sample] || point == 0) {
        point++;
      }
      csv.append(start).append(sample).append(',').append(scores.label(sample)).append(',');
      csv.append(scores.member(result.target(), sample) ? 1 : 0).append(',');
      csv.append(guesses[sample]).append(',').append(result.roc().fpr(point)).append('\n');
    }
  }
}
