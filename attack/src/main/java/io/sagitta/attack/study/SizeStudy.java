package io.sagitta.attack.study;

import io.sagitta.attack.methods.Attack;
import io.sagitta.attack.methods.AttackResult;
import io.sagitta.attack.methods.AttackRun;
import io.sagitta.attack.metrics.Spread;
import io.sagitta.attack.report.Axis;
import io.sagitta.attack.report.DataTable;
import io.sagitta.attack.report.LineChart;
import io.sagitta.attack.report.Plot;
import io.sagitta.attack.report.StudyReport;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * How attacks fare over the size of the training set, and from which size on curvature is ahead of
 * the others, if from any.
 */
public final class SizeStudy {
  /** The paper's sizes (Ravikumar et al., NeurIPS 2024, CIFAR-100). */
  public static final List<Integer> PUBLISHED =
      List.of(
          500, 1000, 3000, 7000, 10000, 12000, 15000, 18000, 20000, 25000, 30000, 35000, 45000);

  private static final String CURVATURE = "curv-zo-lr";

  /** Uses curvature and more: neither curvature nor one of the others. */
  private static final String JOINT = "joint";

  private final List<Outcome> outcomes = new ArrayList<>();

  private record Outcome(String subsets, int size, AttackResult result) {
    Attack attack() {
      return result.attack();
    }

    double auroc() {
      return result.figures().auroc();
    }
  }

  /**
   * Attacks the models of one size.
   *
   * @param subsets how the training sets were chosen, such as {@code random}
   * @param size of each model's training set
   */
  public void add(String subsets, int size, StudiedRun run) {
    AttackRun.evaluate(
            run.scores(), run.targets(), Evaluations.corrected(Evaluations.mainAttacks()))
        .results()
        .forEach(result -> outcomes.add(new Outcome(subsets, size, result)));
  }

  /**
   * What was found.
   *
   * @param setup how it was made, in words
   */
  public StudyReport report(Map<String, String> setup) {
    StudyReport report =
        new StudyReport(
            "size",
            "Size of the training set",
            "The fewer images a model is trained on, the better it remembers each. How do attacks"
                + " fare over the size of the training set, and where does curvature overtake the"
                + " others?");
    for (String subsets : subsets()) {
      report.found(found(subsets));
      report.plot(plot(subsets));
    }
    report.table(table());
    for (String subsets : subsets()) {
      report.table(against(subsets));
    }
    return report
        .note(
            "For each size m, shadows and targets are trained on random halves of the same 2m"
                + " images and scored on them: members and non-members are equally many. Epochs are the"
                + " same for all sizes, so that large sets have more steps.")
        .note(
            "random: the 2m images are a random choice, each within the next. memorised: those"
                + " whose curvature is greatest under models trained on them, among the images of the"
                + " greatest random choice.")
        .note(
            "Corrected arithmetic, bands of one standard deviation over targets. The order of two"
                + " attacks that are closer than that may be chance.")
        .setup(setup);
  }

  private List<String> subsets() {
    return outcomes.stream().map(Outcome::subsets).distinct().toList();
  }

  private int[] sizes(String subsets) {
    return outcomes.stream()
        .filter(o -> o.subsets.equals(subsets))
        .mapToInt(Outcome::size)
        .distinct()
        .sorted()
        .toArray();
  }

  private List<Attack> attacks(String subsets) {
    return outcomes.stream()
        .filter(o -> o.subsets.equals(subsets))
        .map(Outcome::attack)
        .distinct()
        .toList();
  }

  /** AUROC by target. */
  private double[] aurocs(String subsets, int size, Attack attack) {
    return outcomes.stream()
        .filter(o -> o.subsets.equals(subsets) && o.size == size && o.attack() == attack)
        .sorted(Comparator.comparingInt(o -> o.result.target()))
        .mapToDouble(Outcome::auroc)
        .toArray();
  }

  private double mean(String subsets, int size, Attack attack) {
    return Arrays.stream(aurocs(subsets, size, attack)).average().orElse(Double.NaN);
  }

  private Attack curvature(String subsets) {
    return attacks(subsets).stream()
        .filter(attack -> attack.id().equals(CURVATURE))
        .findFirst()
        .orElseThrow();
  }

  private List<Attack> others(String subsets) {
    return attacks(subsets).stream()
        .filter(a -> !a.id().equals(CURVATURE) && !a.id().equals(JOINT))
        .toList();
  }

  private Attack bestOther(String subsets, int size) {
    return others(subsets).stream()
        .max(Comparator.comparingDouble(attack -> mean(subsets, size, attack)))
        .orElseThrow();
  }

  /** How far curvature is ahead of another attack, over targets. */
  private Spread lead(String subsets, int size, Attack other) {
    double[] own = aurocs(subsets, size, curvature(subsets));
    double[] theirs = aurocs(subsets, size, other);
    double[] leads = new double[own.length];
    Arrays.setAll(leads, t -> own[t] - theirs[t]);
    return Spread.sample(leads);
  }

  private String found(String subsets) {
    int[] sizes = sizes(subsets);
    Attack curvature = curvature(subsets);
    int first = sizes[0];
    int last = sizes[sizes.length - 1];
    return String.format(
        Locale.ROOT, "On %s subsets %s goes from %s at m = %s to %s at m = %s. %s", subsets,
        curvature.title(), Words.percent(mean(subsets, first, curvature)), Words.count(first),
        Words.percent(mean(subsets, last, curvature)), Words.count(last),
        crossing(subsets, sizes));
  }

  private String crossing(String subsets, int[] sizes) {
    int[] ahead = Arrays.stream(sizes).filter(m -> leads(subsets, m)).toArray();
    if (ahead.length == 0) {
      int nearest =
          Arrays.stream(sizes)
              .boxed()
              .max(Comparator.comparingDouble(m -> lead(subsets, m, bestOther(subsets, m)).mean()))
              .orElseThrow();
      return "It is ahead of all others at no size: there is no crossing. It comes nearest at m = "
          + Words.sentence(Words.count(nearest) + ", " + behind(subsets, nearest));
    }
    if (ahead.length == sizes.length) {
      return "It is ahead of all others at every size: there is no crossing. The margin is least"
          + Words.sentence(" where it is " + behind(subsets, least(subsets, sizes)));
    }
    List<String> turns = new ArrayList<>();
    for (int i = 1; i < sizes.length; i++) {
      boolean before = leads(subsets, sizes[i - 1]);
      boolean after = leads(subsets, sizes[i]);
      if (before != after) {
        turns.add(
            (after ? "overtakes" : "falls behind") + " between m = " + Words.count(sizes[i - 1])
                + " and " + Words.count(sizes[i]) + " (there it is "
                + behind(subsets, sizes[i]) + ")");
      }
    }
    return "It " + String.join(", ", turns) + ".";
  }

  private int least(String subsets, int[] sizes) {
    return Arrays.stream(sizes)
        .boxed()
        .min(Comparator.comparingDouble(m -> lead(subsets, m, bestOther(subsets, m)).mean()))
        .orElseThrow();
  }

  private boolean leads(String subsets, int size) {
    return lead(subsets, size, bestOther(subsets, size)).mean() > 0;
  }

  private String behind(String subsets, int size) {
    Attack other = bestOther(subsets, size);
    Spread lead = lead(subsets, size, other);
    String spread =
        Double.isNaN(lead.deviation())
            ? ""
            : String.format(Locale.ROOT, " ± %.1f", 100 * lead.deviation());
    return String.format(
        Locale.ROOT, "%.1f%s points %s %s", 100 * Math.abs(lead.mean()), spread,
        lead.mean() > 0 ? "ahead of" : "behind", other.title());
  }

  private DataTable table() {
    DataTable table =
        DataTable.of("rows", "Attacks and sizes")
            .text("subsets", "Subsets").count("size", "Size m").text("attack", "Attack")
            .percent("auroc", "AUROC, %").percent("auroc_std", "± over targets")
            .count("targets", "Targets");
    for (String subsets : subsets()) {
      for (int size : sizes(subsets)) {
        for (Attack attack : attacks(subsets)) {
          double[] aurocs = aurocs(subsets, size, attack);
          if (aurocs.length > 0) {
            Spread spread = Spread.sample(aurocs);
            table.row(
                subsets, size, attack.id(), spread.mean(), spread.deviation(), aurocs.length);
          }
        }
      }
    }
    return table;
  }

  private DataTable against(String subsets) {
    DataTable table =
        DataTable.of("leads_" + subsets, "Curvature's lead on " + subsets + " subsets, in points")
            .text("attack", "Against").count("size", "Size m")
            .percent("lead", "Lead in AUROC").percent("lead_std", "± over targets");
    for (Attack other : others(subsets)) {
      for (int size : sizes(subsets)) {
        Spread lead = lead(subsets, size, other);
        table.row(other.id(), size, lead.mean(), lead.deviation());
      }
    }
    return table;
  }

  private Plot plot(String subsets) {
    LineChart chart =
        new LineChart(Axis.doubling("Training images m"), Axis.linear("AUROC, %"));
    int[] sizes = sizes(subsets);
    for (Attack attack : attacks(subsets)) {
      Spread[] spreads =
          Arrays.stream(sizes)
              .mapToObj(m -> Spread.sample(aurocs(subsets, m, attack)))
              .toArray(Spread[]::new);
      chart.band(
          attack.title(), Arrays.stream(sizes).asDoubleStream().toArray(), spreads);
    }
    return chart.plot(
        subsets.equals(subsets().get(0)) ? "size" : "size-" + subsets,
        "AUROC over the size, " + subsets + " subsets",
        "The mean over targets, in bands of one standard deviation. Guessing is at 50.");
  }
}
