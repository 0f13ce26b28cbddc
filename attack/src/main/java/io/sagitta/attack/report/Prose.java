package io.sagitta.attack.report;

import io.sagitta.attack.guard.Baseline;
import io.sagitta.attack.methods.AttackResult;
import io.sagitta.attack.methods.AttackResults;
import io.sagitta.attack.methods.AttackSummary;
import io.sagitta.attack.methods.Distribution;
import io.sagitta.attack.methods.Mode;
import io.sagitta.attack.metrics.EpsilonBound;
import io.sagitta.attack.run.Signal;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What the figures say, in sentences for a reader who has never attacked a model. */
final class Prose {
  private final AttackResults results;
  private final RunInfo info;
  private final AttackSummary strongest;
  private final AttackResult example;

  Prose(AttackResults results, RunInfo info) {
    this.results = results;
    this.info = info;
    Standing standing = new Standing(results);
    strongest = standing.strongest();
    example = standing.example();
  }

  private String title() {
    return strongest.attack().title();
  }

  private double mean(String column) {
    return Standing.mean(strongest, column);
  }

  /** One sentence with the verdict. */
  String lead() {
    double auroc = mean("auroc");
    String verdict =
        auroc >= 0.9
            ? "Membership leaks strongly"
            : auroc >= 0.7
                ? "Membership leaks"
                : auroc >= 0.55 ? "Membership leaks a little" : "No attack does much better than"
                    + " guessing";
    return verdict + ": given one image the model was trained on and one it was not, " + title()
        + ", the strongest attack here, picks the right one " + Text.about(auroc)
        + " of the time. Guessing gives 50%.";
  }

  /** The figures at a glance. */
  List<Map<String, String>> tiles() {
    String attack = title() + ", " + strongest.mode().id();
    return List.of(
        tile("AUROC", Text.about(mean("auroc")), attack),
        tile("TPR at 1% FPR", Text.about(mean("tpr_at_1e-2")), attack),
        tile(
            "ε of the training",
            "≥ " + Text.epsilon(example.epsilon().epsilon()),
            Text.plain(100 * example.epsilon().confidence()) + "% confidence, "
                + (example.epsilon().delta() == 0
                    ? ""
                    : "δ = " + Text.plain(example.epsilon().delta()) + ", ")
                + "target " + example.target()),
        tile(
            "Images",
            Text.count(results.samples()),
            Text.count(example.roc().members()) + " members, "
                + Text.count(example.roc().nonmembers()) + " not; " + results.shadows()
                + " shadow models"));
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
            + " a hundred, " + title() + " finds " + Text.about(mean("tpr_at_1e-2"))
            + " of the members. Harm to single people shows here, even where the average looks"
            + " safe.");
    lines.add(privacy(example.epsilon()));
    for (Distribution distribution : results.distributions()) {
      boolean told =
          distribution.signal() == Signal.CURV_ZO || distribution.signal() == Signal.LOSS;
      if (distribution.target() == example.target() && told) {
        lines.add(medians(distribution));
      }
    }
    info.baselines().stream()
        .filter(baseline -> baseline.target() == example.target() && !baseline.isFlagged())
        .forEach(baseline -> lines.add(cleared(baseline)));
    return lines;
  }

  private String privacy(EpsilonBound bound) {
    if (bound.epsilon() == 0) {
      return "Differential privacy: " + title() + " shows no lower bound on ε above 0.";
    }
    return String.format(
        Locale.ROOT,
        "Differential privacy: training target %d cannot have been (ε, δ)-private with ε below"
            + " %.2f, δ = %s, at %s%% confidence over the images: %s is at least %s and %s at"
            + " most %s. That is the confidence of an attack named beforehand; this one was chosen"
            + " for its AUROC on the same images.",
        example.target(), bound.epsilon(), Text.plain(bound.delta()),
        Text.plain(100 * bound.confidence()),
        bound.accusing() ? "TPR" : "TNR", Text.about(bound.rightAtLeast()),
        bound.accusing() ? "FPR" : "FNR", Text.about(bound.wrongAtMost()));
  }

  private static String cleared(Baseline baseline) {
    return "Images and labels alone tell nothing of membership: the model-free baseline has AUROC "
        + Text.about(baseline.figures().auroc()) + " (95% interval "
        + Text.percent(baseline.interval().low().auroc()) + "–"
        + Text.percent(baseline.interval().high().auroc())
        + "%). What attacks find comes from the model.";
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
                + " false-positive rate of 1%% means %s of them, 0.1%% means %s, 0.01%%"
                + " means %s. Where that is less than about ten, a few images decide.",
            Text.count(nonmembers), Text.brief(nonmembers * 1e-2), Text.brief(nonmembers * 1e-3),
            Text.brief(nonmembers * 1e-4)));
    lines.add(
        "How another model would fare. Ranges beside figures are 95% bootstrap intervals over"
            + " images, or standard deviations over targets; training anew, on other data or for"
            + " longer, can move figures further than that.");
    long attacks = results.summaries().stream().filter(s -> s.mode() == strongest.mode()).count();
    if (attacks > 1) {
      lines.add(
          "That " + title() + " is the best attack. It came out first of " + attacks
              + " on these very images, so its own figures flatter it a little, its bound on ε"
              + " included; where the interval of an attack's distance to it holds 0, the order is"
              + " open.");
    }
    lines.add(
        "That the model is safe. An attacker may know more or have more shadow models ("
            + results.shadows() + " here); a figure near guessing bounds these attacks, not all.");
    if (info.baselines().isEmpty()) {
      lines.add(
          "That members and non-members are alike. The images were not at hand, so no baseline"
              + " without a model was run; had the two been drawn from different sources, that"
              + " alone could look like leakage.");
    }
    return lines;
  }

  /** How to read the most exposed images. */
  String exposed() {
    return "Members of target " + example.target() + " that " + title() + " is surest of. Loss and"
        + " curvature are the target's; behind the arrow stands their mean over shadow models that"
        + " never saw the image. The further apart, the more the target knows of this very image.";
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
