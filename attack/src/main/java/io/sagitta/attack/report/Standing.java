package io.sagitta.attack.report;

import io.sagitta.attack.methods.Attack;
import io.sagitta.attack.methods.AttackResult;
import io.sagitta.attack.methods.AttackResults;
import io.sagitta.attack.methods.AttackSummary;
import io.sagitta.attack.methods.Mode;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** Who did best, which decides what a page shows first. */
final class Standing {
  private final AttackResults results;
  private final Mode mode;
  private final List<AttackSummary> ranked;

  Standing(AttackResults results) {
    this.results = results;
    this.mode =
        results.summaries().stream()
            .map(AttackSummary::mode)
            .max(Comparator.naturalOrder())
            .orElseThrow();
    this.ranked = ranked(mode);
  }

  /** The modes there are, the corrected one first. */
  List<Mode> modes() {
    return results.summaries().stream()
        .map(AttackSummary::mode)
        .distinct()
        .sorted(Comparator.reverseOrder())
        .toList();
  }

  /** The attacks of a mode by their AUROC, the best first; equal ones in the order of tables. */
  List<AttackSummary> ranked(Mode of) {
    return results.summaries().stream()
        .filter(summary -> summary.mode() == of)
        .sorted(Comparator.comparingDouble(summary -> -mean(summary, "auroc")))
        .toList();
  }

  /** The attacks in the order in which they are named: by AUROC in the first mode. */
  List<Attack> attacks() {
    List<Attack> rest =
        results.summaries().stream()
            .map(AttackSummary::attack)
            .distinct()
            .filter(attack -> ranked.stream().noneMatch(summary -> summary.attack() == attack))
            .toList();
    return Stream.concat(
            ranked.stream().map(AttackSummary::attack), rest.stream())
        .toList();
  }

  /** The attack with the greatest AUROC of the first mode. */
  AttackSummary strongest() {
    return ranked.get(0);
  }

  /** The strongest attack on the first target, which pictures and lists show. */
  AttackResult example() {
    return result(strongest().attack(), mode, target());
  }

  /** The first target. */
  int target() {
    return results.results().get(0).target();
  }

  /** How an attack fared against a target; null where it was not carried out in this mode. */
  AttackResult result(Attack attack, Mode of, int target) {
    return results.results().stream()
        .filter(r -> r.attack() == attack && r.mode() == of && r.target() == target)
        .findFirst()
        .orElse(null);
  }

  static double mean(AttackSummary summary, String column) {
    return summary.figures().get(column).mean();
  }
}
