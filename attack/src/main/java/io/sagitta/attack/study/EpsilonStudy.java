package io.sagitta.attack.study;

import io.sagitta.attack.methods.Attack;
import io.sagitta.attack.report.Axis;
import io.sagitta.attack.report.DataTable;
import io.sagitta.attack.report.LineChart;
import io.sagitta.attack.report.Plot;
import io.sagitta.attack.report.StudyReport;
import io.sagitta.attack.theory.CurvatureKl;
import io.sagitta.attack.theory.Divergence;
import io.sagitta.attack.theory.EpsilonFit;
import io.sagitta.attack.theory.PureDp;
import io.sagitta.attack.theory.Status;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;

/**
 * What privacy promises, over ε: bounds on divergences and on any attack's AUROC, beside what
 * attacks attained against models that were trained with some ε, and the paper's curve through those.
 */
public final class EpsilonStudy {
  private static final double LEAST_END = 10;
  private static final int STEPS = 200;
  private static final double[] EPSILONS = {0.1, 0.5, 1, 2, 3, 4, 5, 10, 15, 25, 50};

  /** The attacks whose success the paper fits. */
  private static final String CURVATURE = "curv";

  private final CurvatureKl theorem;
  private final double delta;
  private final List<MeasuredRun> runs;
  private final Map<String, EpsilonFit> fits = new TreeMap<>();

  /**
   * @param theorem what Theorem 4.2 is drawn for
   * @param delta of the private training, 0 for pure ε
   * @param runs attacked models with their ε; none draws the theory alone
   */
  public EpsilonStudy(CurvatureKl theorem, double delta, List<MeasuredRun> runs) {
    PureDp.auroc(1, delta);
    this.theorem = theorem;
    this.delta = delta;
    this.runs =
        runs.stream().sorted(Comparator.comparingDouble(MeasuredRun::epsilon)).toList();
  }

  /** Draws and fits. */
  public StudyReport report(Map<String, String> setup) {
    attacks().stream().filter(id -> id.startsWith(CURVATURE)).forEach(this::fit);
    StudyReport report =
        new StudyReport(
            "epsilon",
            "Privacy and what attacks attain",
            "Training with differential privacy ε bounds how far any attack can get. How tight are"
                + " the bounds that are known, and where do attacks lie below them?");
    report.found(bounds());
    report.found(runs.isEmpty() ? "No private models were given: all here is theory. Points come"
        + " from runs whose models were trained with some ε (--epsilons, --run, --point)." : measured());
    fits.forEach((id, fit) -> report.found(fitted(id, fit)));
    report.found(crossing());
    return report
        .table(table())
        .table(points())
        .table(statuses())
        .plot(aurocs())
        .plot(divergences())
        .note(
            "A bound holds for every attack and every pair of neighbouring data sets; an attack on"
                + " one data set may stay far below. Beyond ε of about 5 the bounds on AUROC say"
                + " nothing.")
        .note(
            delta == 0
                ? "All bounds are of pure ε-differential privacy."
                : "Only the first bound on AUROC allows for δ = " + delta + ". The others are of"
                    + " pure ε: with any δ above 0 a divergence may be infinite.")
        .note(
            "The fitted curve has the shape of Theorem 4.2's bound on a divergence. Put through"
                + " AUROCs it is an interpolation, not a bound; of its published four parameters"
                + " two can be identified.")
        .note(
            "That one upper bound exceeds another does not make an attack stronger: the crossing of"
                + " the two bounds is the paper's heuristic.")
        .setup(setup);
  }

  /** The attacks that are drawn; the table has all. */
  private List<String> attacks() {
    return Evaluations.mainAttacks().stream()
        .map(Attack::id)
        .filter(id -> runs.stream().anyMatch(run -> run.attacks().containsKey(id)))
        .toList();
  }

  private void fit(String id) {
    List<MeasuredRun> having =
        runs.stream()
            .filter(run -> Double.isFinite(run.epsilon()) && run.attacks().containsKey(id))
            .toList();
    if (having.stream().mapToDouble(MeasuredRun::epsilon).distinct().count() >= 3) {
      fits.put(
          id,
          EpsilonFit.of(
              having.stream().mapToDouble(MeasuredRun::epsilon).toArray(),
              having.stream().mapToDouble(run -> run.attacks().get(id).mean()).toArray()));
    }
  }

  private String bounds() {
    return String.format(
        Locale.ROOT,
        "Under pure ε-differential privacy no attack's AUROC exceeds %s at ε = 1 and %s at ε = 5;"
            + " randomised response attains that. By way of the divergence, KL ≤ ε, the bound is %s"
            + " at ε = 1, and %s with the exact ε·tanh(ε/2).",
        Words.percent(PureDp.auroc(1)), Words.percent(PureDp.auroc(5)),
        Words.percent(Divergence.aurocOfKl(PureDp.kl(1))),
        Words.percent(Divergence.aurocOfKl(PureDp.tightKl(1))));
  }

  private String measured() {
    List<String> above = new ArrayList<>();
    double nearest = Double.POSITIVE_INFINITY;
    for (MeasuredRun run : runs) {
      for (String id : run.attacks().keySet()) {
        double room = PureDp.auroc(run.epsilon(), delta) - run.attacks().get(id).mean();
        nearest = Math.min(nearest, room);
        if (room < 0) {
          above.add(id + " at ε = " + run.epsilon());
        }
      }
    }
    String text = "Of " + Words.many(runs.size(), "run") + ", ";
    return above.isEmpty()
        ? text + "every attack stays below the bound, by at least "
            + Words.figure(100 * nearest) + " points of AUROC."
        : text + "these lie above the bound: " + String.join(", ", above)
            + ". Then training did not keep its ε, members differ from non-members in more than"
            + " membership, or chance had a hand.";
  }

  private String fitted(String id, EpsilonFit fit) {
    return String.format(
        Locale.ROOT,
        "The paper's curve through %s: A = %s, B = %s in A(1 + B − e^−ε)², residuals of %s points"
            + " of AUROC; it rises from %s at ε = 0 to %s.",
        id, Words.figure(fit.a()), Words.figure(fit.b()), Words.figure(100 * fit.rms()),
        Words.percent(fit.at(0)), Words.percent(fit.at(Double.POSITIVE_INFINITY)));
  }

  private String crossing() {
    return String.format(
        Locale.ROOT,
        "For L = %s, c = %s and σ = %s, curvature's bound exceeds that of probability scores from"
            + " training sets of %s on at ε = 1, and of %s at ε = 5.",
        Words.figure(theorem.loss()), Words.figure(theorem.constant()),
        Words.figure(theorem.sigma()), Words.count((long) Math.ceil(theorem.crossing(1))),
        Words.count((long) Math.ceil(theorem.crossing(5))));
  }

  private DataTable table() {
    DataTable table =
        DataTable.of("rows", "Bounds over ε")
            .figure("epsilon", "ε")
            .percent("auroc", "AUROC ≤, %")
            .percent("auroc_of_kl", "by KL ≤ ε, %")
            .percent("auroc_of_tight_kl", "by ε·tanh(ε/2), %")
            .figure("total_variation", "TPR − FPR ≤")
            .figure("tight_kl", "KL ≤ ε·tanh(ε/2)")
            .figure("curvature_kl", "Theorem 4.2's KL")
            .figure("crossing", "Crossing m");
    for (double e : EPSILONS) {
      table.row(
          e, PureDp.auroc(e, delta), Divergence.aurocOfKl(PureDp.kl(e)),
          Divergence.aurocOfKl(PureDp.tightKl(e)), PureDp.totalVariation(e), PureDp.tightKl(e),
          theorem.kl(e), theorem.crossing(e));
    }
    return table;
  }

  private DataTable points() {
    DataTable table =
        DataTable.of("points", "Measured")
            .figure("epsilon", "ε")
            .text("attack", "Attack")
            .percent("auroc", "AUROC, %")
            .percent("auroc_std", "± over targets")
            .percent("bound", "Bound, %")
            .text("run", "Run");
    for (MeasuredRun run : runs) {
      run.attacks()
          .forEach(
              (id, auroc) ->
                  table.row(
                      run.epsilon(), id, auroc.mean(), auroc.deviation(),
                      PureDp.auroc(run.epsilon(), delta), run.source()));
    }
    return table;
  }

  /** What is drawn, and how it came here. */
  private static DataTable statuses() {
    DataTable table =
        DataTable.of("statuses", "Where the bounds come from")
            .text("bound", "Bound").text("status", "Status").text("presupposes", "Presupposes");
    table.row("AUROC ≤ e^ε/(1 + e^ε)", Status.DERIVED.toString(), "ε-DP training");
    table.row("TPR − FPR ≤ tanh(ε/2)", Status.DERIVED.toString(), "ε-DP training");
    table.row(
        "KL ≤ ε (Theorem 4.1)", Status.RECONSTRUCTED.toString(),
        "ε-DP training; scores are functions of the model");
    table.row("KL ≤ ε·tanh(ε/2)", Status.DERIVED.toString(), "as Theorem 4.1; exact");
    table.row(
        "KL ≤ [Lm(1 − e^−ε) + L + c]²/(2σ²) (Theorem 4.2)", Status.RECONSTRUCTED.toString(),
        "ε-DP training; loss in [0, L]; Gaussian curvatures of one σ");
    table.row(
        "AUROC ≤ ½ + TV − TV²/2, TV ≤ √(KL/2) and √(1 − e^−KL)", Status.DERIVED.toString(),
        "nothing of the training");
    return table;
  }

  private double end() {
    return runs.stream()
        .mapToDouble(MeasuredRun::epsilon)
        .filter(Double::isFinite)
        .map(e -> 1.1 * e)
        .reduce(LEAST_END, Math::max);
  }

  private double[] grid() {
    double end = end();
    return IntStream.rangeClosed(0, STEPS).mapToDouble(i -> end * i / STEPS).toArray();
  }

  private Plot aurocs() {
    LineChart chart = new LineChart(Axis.linear("ε"), Axis.linear("AUROC, %").between(50, 100));
    double[] grid = grid();
    String suffix = delta == 0 ? "" : " and δ = " + delta;
    chart.curve("bound of ε" + suffix, grid, e -> 100 * PureDp.auroc(e, delta));
    chart.curve("bound by KL ≤ ε", grid, e -> 100 * Divergence.aurocOfKl(PureDp.kl(e)));
    chart.curve(
        "bound by KL ≤ ε·tanh(ε/2)", grid, e -> 100 * Divergence.aurocOfKl(PureDp.tightKl(e)));
    for (String id : attacks()) {
      List<MeasuredRun> having = runs.stream().filter(r -> r.attacks().containsKey(id)).toList();
      chart.circles(
          id, having.stream().mapToDouble(MeasuredRun::epsilon).toArray(),
          having.stream().mapToDouble(run -> 100 * run.attacks().get(id).mean()).toArray());
    }
    fits.forEach((id, fit) -> chart.curve("fit of " + id, grid, e -> 100 * fit.at(e)));
    return chart.plot(
        "epsilon", "AUROC over ε",
        "Curves are upper bounds on every attack"
            + (delta == 0 ? "" : ", those by KL under pure ε alone")
            + (runs.isEmpty() ? "." : "; circles what attacks attained, the mean over targets.")
            + (fits.isEmpty() ? "" : " A fit is no bound."));
  }

  private Plot divergences() {
    double[] grid = grid();
    LineChart chart = new LineChart(Axis.linear("ε"), Axis.linear("KL divergence, nats"));
    chart.curve("probability scores, KL ≤ ε", grid, PureDp::kl);
    chart.curve("the exact ε·tanh(ε/2)", grid, PureDp::tightKl);
    chart.curve("curvature scores, Theorem 4.2", grid, theorem::kl);
    return chart.plot(
        "epsilon-kl", "Bounds on divergence over ε",
        String.format(
            Locale.ROOT, "Theorem 4.2 for L = %s, m = %s, c = %s, σ = %s. Where its curve is above"
                + " the line, the paper expects more of curvature.",
            Words.figure(theorem.loss()), Words.figure(theorem.samples()),
            Words.figure(theorem.constant()), Words.figure(theorem.sigma())));
  }
}
