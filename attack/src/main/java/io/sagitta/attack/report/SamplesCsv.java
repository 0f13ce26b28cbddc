package io.sagitta.attack.report;

import io.sagitta.attack.methods.AttackResult;
import io.sagitta.attack.methods.AttackResults;
import io.sagitta.attack.run.ScoreSet;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * {@code samples.csv}: what every attack says of every sample of each target, the most suspicious
 * to the strongest attack first. {@code fpr} is the share of non-members that score at least as
 * high under that one, and so what it costs to accuse the sample. Each attack, in its corrected form
 * where it was carried out, has its score and the sample's rank: 1 is the most suspicious, equal
 * scores share the better rank. Cells of a sample that an attack could not score are empty.
 */
final class SamplesCsv {
  private SamplesCsv() {}

  static String of(AttackResults results) {
    Standing standing = new Standing(results);
    StringBuilder csv = new StringBuilder("target,sample,label,member,fpr");
    for (AttackResult result : ofTarget(standing, standing.target())) {
      String id = result.attack().id();
      csv.append(',').append(id).append("_score,").append(id).append("_rank");
    }
    csv.append('\n');
    results.results().stream()
        .mapToInt(AttackResult::target)
        .distinct()
        .forEach(target -> append(csv, results.scores(), ofTarget(standing, target)));
    return csv.toString();
  }

  /** Each attack's result, in its first mode, the strongest attack first. */
  private static List<AttackResult> ofTarget(Standing standing, int target) {
    return standing.attacks().stream()
        .map(
            attack ->
                standing.modes().stream()
                    .map(mode -> standing.result(attack, mode, target))
                    .filter(result -> result != null)
                    .findFirst()
                    .orElseThrow())
        .toList();
  }

  private static void append(StringBuilder csv, ScoreSet scores, List<AttackResult> attacks) {
    AttackResult strongest = attacks.get(0);
    int[][] ranks = new int[attacks.size()][];
    int[] order = order(strongest.guesses());
    for (int a = 0; a < ranks.length; a++) {
      ranks[a] = ranks(attacks.get(a).guesses());
    }
    for (int sample : order) {
      double guess = strongest.guesses()[sample];
      csv.append(strongest.target()).append(',').append(sample).append(',');
      csv.append(scores.label(sample)).append(',');
      csv.append(scores.member(strongest.target(), sample) ? 1 : 0).append(',');
      if (!Double.isNaN(guess)) {
        csv.append(strongest.roc().fpr(strongest.roc().pointAccepting(guess)));
      }
      for (int a = 0; a < ranks.length; a++) {
        double score = attacks.get(a).guesses()[sample];
        csv.append(',').append(Double.isNaN(score) ? "" : Double.toString(score)).append(',');
        csv.append(Double.isNaN(score) ? "" : Integer.toString(ranks[a][sample]));
      }
      csv.append('\n');
    }
  }

  /** The samples by falling score, those without one last. */
  private static int[] order(double[] guesses) {
    return IntStream.range(0, guesses.length)
        .boxed()
        .sorted(
            Comparator.<Integer, Boolean>comparing(s -> Double.isNaN(guesses[s]))
                .thenComparingDouble(s -> -guesses[s]))
        .mapToInt(Integer::intValue)
        .toArray();
  }

  private static int[] ranks(double[] guesses) {
    int[] ranks = new int[guesses.length];
    int[] order = order(guesses);
    Arrays.fill(ranks, 1);
    for (int i = 1; i < order.length; i++) {
      ranks[order[i]] =
          guesses[order[i]] == guesses[order[i - 1]] ? ranks[order[i - 1]] : i + 1;
    }
    return ranks;
  }
}
