package io.sagitta.attack.report;

import io.sagitta.attack.methods.AttackResult;
import io.sagitta.attack.methods.AttackResults;
import io.sagitta.attack.methods.AttackSummary;
import io.sagitta.attack.methods.Distribution;
import io.sagitta.attack.methods.Mode;
import io.sagitta.attack.run.Signal;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What the figures say, in sentences for a reader who has never attacked a model. */
final class Prose {
  /** Of the figures' columns, in their order. */
  static final List<String> HEADINGS =
      List.of(
          "AUROC",
          "Balanced accuracy",
          "TPR at 1% FPR",
          "TPR at 0.1% FPR",
          "TPR at 0.01% FPR",
          "Best balanced accuracy");

  private final AttackResults results;
  private final AttackSummary strongest;
  private final AttackResult example;

  Prose(AttackResults results) {
    this.results = results;
    Mode mode =
        results.summaries().stream()
            .map(AttackSummary::mode)
            .max(Comparator.naturalOrder())
            .orElseThrow();
    strongest =
        results.summaries().stream()
            .filter(summary -> summary.mode() == mode)
            .max(Comparator.comparingDouble(summary -> mean(summary, "auroc")))
            .orElseThrow();
    example =
        results.results().stream()
            .filter(r -> r.mode() == mode && r.attack() == strongest.attack())
            .findFirst()
            .orElseThrow();
  }

  private static double mean(AttackSummary summary, String column) {
    return summary.figures().get(column).mean();
  }

  /** One sentence with the verdict. */
  String lead() {
    double auroc = mean(strongest, "auroc");
    String verdict =
        auroc >= 0.9
            ? "Membership leaks strongly"
            : auroc >= 0.7
                ? "Membership leaks"
                : auroc >= 0.55 ? "Membership leaks a little" : "No attack does much better than"
                    + " guessing";
    return verdict + ": given one image the model was trained on and one it was not, "
        + strongest.attack().title() + ", the strongest attack here, picks the right one "
        + Text.about(auroc) + " of the time. Guessing gives 50%.";
  }

  /** The figures at a glance. */
  List<Map<String, String>> tiles() {
    String attack = strongest.attack().title() + ", " + strongest.mode().id();
    return List.of(
        tile("AUROC", Text.about(mean(strongest, "auroc")), attack),
        tile("TPR at 1% FPR", Text.about(mean(strongest, "tpr_at_1e-2")), attack),
        tile("Shadow models", Text.count(results.shadows()), targets()),
        tile(
            "Images",
            Text.count(results.samples()),
            Text.count(example.roc().members()) + " members, "
                + Text.count(example.roc().nonmembers()) + " not"));
  }

  private String targets() {
    long count = results.results().stream().mapToInt(AttackResult::target).distinct().count();
    return count == 1 ? "1 target, number " + example.target() : count + " targets";
  }

  private static Map<String, String> tile(String name, String value, String note) {
    return Map.of("name", name, "value", value, "note", note);
  }

  /** What the figures show. */
  List<String> shown() {
    List<String> lines = new ArrayList<>();
    lines.add(
        "AUROC is the chance that an attack ranks a random member above a random non-member: 50%"
            + " is guessing, 100% never errs. Balanced accuracy is the share of right verdicts"
            + " where both kinds of error are equally frequent.");
    lines.add(
        "TPR at 1% FPR asks what an attacker can prove: accusing wrongly at most one non-member in"
            + " a hundred, " + strongest.attack().title() + " finds "
            + Text.about(mean(strongest, "tpr_at_1e-2")) + " of the members. Harm to single people"
            + " shows here, even where the average looks safe.");
    for (Distribution distribution : results.distributions()) {
      if (distribution.target() == example.target()) {
        lines.add(medians(distribution));
      }
    }
    return lines;
  }

  private static String medians(Distribution distribution) {
    String what = distribution.signal() == Signal.CURV_ZO ? "input loss curvature" : "loss";
    double in = distribution.memberMedian();
    double out = distribution.nonmemberMedian();
    String relation = in < out ? "below" : in > out ? "above" : "equal to";
    return "Members' median " + what + " is " + Text.figure(in) + ", " + relation
        + " the non-members' " + Text.figure(out) + " (target " + distribution.target() + ")."
        + (in < out ? "" : " Training usually lowers it; here it did not.");
  }

  /** What they do not show. */
  List<String> notShown() {
    long nonmembers = example.roc().nonmembers();
    List<String> lines = new ArrayList<>();
    lines.add(
        String.format(
            Locale.ROOT,
            "How sure the low rates are. %s non-members stand behind each figure: a"
                + " false-positive rate of 1%% means %.3g of them, 0.1%% means %.3g, 0.01%%"
                + " means %.3g. Where that is less than about ten, a few images decide.",
            Text.count(nonmembers), nonmembers * 1e-2, nonmembers * 1e-3, nonmembers * 1e-4));
    lines.add(
        "How another model would fare. Ranges beside figures are 95% bootstrap intervals over"
            + " images, or standard deviations over targets; training anew, on other data or for"
            + " longer, can move figures further than that.");
    lines.add(
        "That the model is safe. An attacker may know more or have more shadow models ("
            + results.shadows() + " here); a figure near guessing bounds these attacks, not all.");
    return lines;
  }

  /** What a mode means. */
  static String note(Mode mode) {
    return mode == Mode.PAPER
        ? "Reproduces the code published with the paper, slips included: variances in place of"
            + " standard deviations, likelihoods added over views, LiRA on the largest probability,"
            + " the flipped image for attacks on one view, rates interpolated. For comparison with"
            + " the paper; not the better estimate."
        : "Standard deviations, log space, members' and non-members' own spread, the true class's"
            + " probability, exact thresholds. With its own spread on each side, Curv ZO NLL is the"
            + " same test as Curv ZO LR.";
  }
}
