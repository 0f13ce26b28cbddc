package io.sagitta.attack.study;

import io.sagitta.attack.methods.Attack;
import io.sagitta.attack.methods.AttackResults;
import io.sagitta.attack.methods.AttackRun;
import io.sagitta.attack.methods.AttackSummary;
import io.sagitta.attack.methods.Mode;
import io.sagitta.attack.metrics.Spread;
import io.sagitta.attack.report.Axis;
import io.sagitta.attack.report.DataTable;
import io.sagitta.attack.report.LineChart;
import io.sagitta.attack.report.Plot;
import io.sagitta.attack.report.StudyReport;
import io.sagitta.attack.run.Signal;
import io.sagitta.attack.score.ScoreSettings;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** How attacks by zero-order curvature fare over its step h and its number of directions n. */
public final class PerturbationStudy {
  private static final String AUROC = "auroc";
  private static final String TPR = "tpr_at_1e-2";

  private final List<Outcome> outcomes = new ArrayList<>();
  private Optional<AttackSummary> other = Optional.empty();
  private int samples;

  private record Outcome(double h, int n, AttackSummary summary) {
    double auroc() {
      return summary.figures().get(AUROC).mean();
    }
  }

  /** Attacks with scores of one step and number. */
  public void add(double h, int n, StudiedRun run) {
    List<Attack> curvature =
        Evaluations.mainAttacks().stream()
            .filter(attack -> attack.needs(Mode.CORRECTED).signals().contains(Signal.CURV_ZO))
            .toList();
    AttackResults results =
        AttackRun.evaluate(run.scores(), run.targets(), Evaluations.corrected(curvature));
    results.summaries().forEach(summary -> outcomes.add(new Outcome(h, n, summary)));
    samples = results.samples();
    if (other.isEmpty()) {
      List<Attack> lira =
          Evaluations.mainAttacks().stream().filter(a -> a.id().equals("lira")).toList();
      other =
          AttackRun.evaluate(run.scores(), run.targets(), Evaluations.corrected(lira))
              .summaries()
              .stream()
              .findFirst();
    }
  }

  /**
   * What was found.
   *
   * @param setup how it was made, in words
   */
  public StudyReport report(Map<String, String> setup) {
    StudyReport report =
        new StudyReport(
            "perturbation",
            "Step and directions of the curvature score",
            "The zero-order score asks a model for its loss at points a step h away along n pairs"
                + " of random directions. What do h and n do to the attacks that use it?");
    for (Attack attack : attacks()) {
      report.found(found(attack));
      report.plot(plot(attack));
    }
    other.ifPresent(
        o ->
            report.found(
                o.attack().title() + ", which uses no curvature, is at "
                    + Words.percent(o.figures().get(AUROC).mean())
                    + " on the same images and models."));
    return report
        .fact("samples", samples)
        .table(table())
        .note(
            "Every model of the run was scored again on the first " + Words.count(samples)
                + " images for each h and n, along the same directions. A score costs 4n + 1 passes"
                + " through the network a view.")
        .note("Corrected arithmetic; ± is over targets. AUROCs of few images are rough.")
        .setup(setup);
  }

  private List<Attack> attacks() {
    return outcomes.stream().map(o -> o.summary.attack()).distinct().toList();
  }

  private List<Outcome> of(Attack attack) {
    return outcomes.stream().filter(o -> o.summary.attack() == attack).toList();
  }

  private String found(Attack attack) {
    List<Outcome> own = of(attack);
    Comparator<Outcome> byAuroc = Comparator.comparingDouble(Outcome::auroc);
    Outcome best = own.stream().max(byAuroc).orElseThrow();
    Outcome worst = own.stream().min(byAuroc).orElseThrow();
    String text =
        String.format(
            Locale.ROOT,
            "%s: from %s (h = %s, n = %d) to %s (h = %s, n = %d).", attack.title(),
            Words.percent(worst.auroc()), Words.figure(worst.h), worst.n,
            Words.percent(best.auroc()), Words.figure(best.h), best.n);
    return own.stream()
        .filter(o -> o.h == ScoreSettings.DEFAULT_H && o.n == ScoreSettings.DEFAULT_N)
        .findFirst()
        .map(o -> text + " The published setting, h = 0.001 and n = 10, gives "
            + Words.percent(o.auroc()) + ".")
        .orElse(text);
  }

  private DataTable table() {
    DataTable table =
        DataTable.of("rows", "Steps and directions")
            .text("attack", "Attack").figure("h", "h").count("n", "n")
            .percent(AUROC, "AUROC, %").percent("auroc_std", "± over targets")
            .percent(TPR, "TPR at 1 % FPR, %");
    for (Outcome o : outcomes) {
      Spread auroc = o.summary.figures().get(AUROC);
      table.row(
          o.summary.attack().id(), o.h, o.n, auroc.mean(), auroc.deviation(),
          o.summary.figures().get(TPR).mean());
    }
    return table;
  }

  private Plot plot(Attack attack) {
    LineChart chart =
        new LineChart(Axis.log("h, on normalised inputs"), Axis.linear("AUROC, %"));
    List<Outcome> own = of(attack);
    int[] numbers = own.stream().mapToInt(Outcome::n).distinct().sorted().toArray();
    for (int n : numbers) {
      List<Outcome> line =
          own.stream()
              .filter(o -> o.n == n)
              .sorted(Comparator.comparingDouble(Outcome::h))
              .toList();
      chart.line(
          "n = " + n, line.stream().mapToDouble(Outcome::h).toArray(),
          line.stream().mapToDouble(o -> 100 * o.auroc()).toArray());
    }
    other.ifPresent(
        o -> {
          double level = 100 * o.figures().get(AUROC).mean();
          double[] ends = own.stream().mapToDouble(Outcome::h).sorted().toArray();
          double[] levels = new double[ends.length];
          Arrays.fill(levels, level);
          chart.reference(o.attack().title() + ", without curvature", ends, levels);
        });
    return chart.plot(
        attack == attacks().get(0) ? "perturbation" : "perturbation-" + attack.id(),
        attack.title() + " over the step",
        "AUROC, the mean over targets. A line for each number of directions.");
  }
}
