package io.sagitta.attack.report;

import io.sagitta.attack.guard.Baseline;
import io.sagitta.attack.methods.Attack;
import io.sagitta.attack.methods.AttackResult;
import io.sagitta.attack.methods.AttackResults;
import io.sagitta.attack.methods.AttackSummary;
import io.sagitta.attack.methods.Mode;
import io.sagitta.attack.methods.Residuals;
import io.sagitta.attack.run.ScoreSet;
import io.sagitta.attack.run.Signal;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.IntStream;

/** The report's pictures: of the first target, so that each line is one model's. */
final class Plots {
  private final AttackResults results;
  private final ScoreSet scores;
  private final RunInfo info;
  private final Standing standing;
  private final int target;
  private final List<Plot> plots = new ArrayList<>();

  private Plots(AttackResults results, RunInfo info) {
    this.results = results;
    this.scores = results.scores();
    this.info = info;
    this.standing = new Standing(results);
    this.target = standing.target();
  }

  static List<Plot> of(AttackResults results, RunInfo info) {
    Plots plots = new Plots(results, info);
    plots.standings();
    plots.standing.modes().forEach(plots::roc);
    plots.histogram(Signal.CURV_ZO, "curvature", "curvature", true);
    plots.histogram(Signal.LOGIT, "logit", "logit of the true class", false);
    plots.histogram(Signal.LOSS, "loss", "loss, nats", true);
    plots.scatter();
    results.residuals().forEach(plots::qq);
    return List.copyOf(plots.plots);
  }

  private void standings() {
    plots.add(
        new Plot(
            "auroc",
            "Every attack at a glance",
            "AUROC with its 95% bootstrap interval over images, target " + target
                + ". The dotted line is guessing. All attacks are tried on the same images, so"
                + " differences between them are surer than their own intervals: see the table.",
            new IntervalChart(intervals()).picture()));
  }

  private List<IntervalChart.Row> intervals() {
    List<IntervalChart.Row> rows = new ArrayList<>();
    for (Attack attack : standing.attacks()) {
      rows.add(
          new IntervalChart.Row(
              attack.title(),
              interval(standing.result(attack, Mode.CORRECTED, target)),
              interval(standing.result(attack, Mode.PAPER, target))));
    }
    info.baselines().stream()
        .filter(baseline -> baseline.target() == target)
        .map(
            baseline ->
                new IntervalChart.Figure(
                    baseline.figures().auroc(), baseline.interval().low().auroc(),
                    baseline.interval().high().auroc()))
        .forEach(figure -> rows.add(new IntervalChart.Row(Baseline.TITLE, figure, null)));
    return rows;
  }

  private static IntervalChart.Figure interval(AttackResult result) {
    return result == null
        ? null
        : new IntervalChart.Figure(
            result.figures().auroc(), result.interval().low().auroc(),
            result.interval().high().auroc());
  }

  private void roc(Mode mode) {
    List<RocChart.Curve> curves = new ArrayList<>();
    List<String> grey = new ArrayList<>();
    for (AttackSummary summary : standing.ranked(mode)) {
      Attack attack = summary.attack();
      int colour = colour(attack, mode);
      curves.add(
          new RocChart.Curve(attack.title(), standing.result(attack, mode, target).roc(), colour));
      if (colour == RocChart.Curve.GREY) {
        grey.add(attack.title());
      }
    }
    plots.add(
        new Plot(
            "roc-" + mode.id(),
            "ROC of all attacks, " + (mode == Mode.PAPER ? "the paper's arithmetic" : "corrected"),
            "Target " + target + ". Left is strict: the share of non-members wrongly accused."
                + " Up is success: the share of members found. Names are in the order of AUROC;"
                + " at the far left each step is one non-member."
                + (grey.isEmpty() ? "" : Text.sentence(" In grey: " + String.join(", ", grey))),
            new RocChart(curves).picture()));
  }

  /**
   * The first attacks of a picture have a colour, the same one in every picture: the strongest of
   * the first mode choose, the others take what those leave that are not in their picture.
   */
  private int colour(Attack attack, Mode mode) {
    List<Attack> shown = coloured(mode);
    if (!shown.contains(attack)) {
      return RocChart.Curve.GREY;
    }
    List<Attack> first = coloured(standing.modes().get(0));
    if (first.contains(attack)) {
      return first.indexOf(attack);
    }
    int[] free =
        IntStream.range(0, RocChart.COLOURED)
            .filter(c -> c >= first.size() || !shown.contains(first.get(c)))
            .toArray();
    return free[shown.stream().filter(other -> !first.contains(other)).toList().indexOf(attack)];
  }

  private List<Attack> coloured(Mode mode) {
    return standing.ranked(mode).stream()
        .limit(RocChart.COLOURED)
        .map(AttackSummary::attack)
        .toList();
  }

  private void histogram(Signal signal, String what, String axis, boolean logarithmic) {
    if (!scores.has(signal, target)) {
      return;
    }
    double[] values = scores.values(signal, target, view());
    DoubleUnaryOperator map = logarithmic ? Math::log10 : DoubleUnaryOperator.identity();
    double[] in = mapped(values, true, map);
    double[] out = mapped(values, false, map);
    if (in.length == 0 || out.length == 0) {
      return;
    }
    plots.add(
        new Plot(
            "histogram-" + what,
            what.substring(0, 1).toUpperCase(Locale.ROOT) + what.substring(1)
                + " of members and non-members",
            "Target " + target + ", the images as they are. Where the two overlap, " + what
                + " alone cannot tell them apart; what is usual for each image can.",
            new HistogramChart(axis, logarithmic, in, out).picture()));
  }

  private int view() {
    return scores.viewOrFirst(ScoreSet.IDENTITY);
  }

  private double[] mapped(double[] values, boolean members, DoubleUnaryOperator map) {
    return IntStream.range(0, values.length)
        .filter(s -> scores.member(target, s) == members)
        .mapToDouble(s -> map.applyAsDouble(values[s]))
        .filter(Double::isFinite)
        .sorted()
        .toArray();
  }

  private void scatter() {
    if (!scores.has(Signal.LOSS, target) || !scores.has(Signal.CURV_ZO, target)) {
      return;
    }
    boolean[] member = new boolean[scores.samples()];
    for (int s = 0; s < member.length; s++) {
      member[s] = scores.member(target, s);
    }
    ScatterChart chart =
        new ScatterChart(
            scores.values(Signal.LOSS, target, view()),
            scores.values(Signal.CURV_ZO, target, view()), member);
    if (chart.hasBoth()) {
      plots.add(
          new Plot(
              "curvature-loss",
              "Curvature against loss",
              "Target " + target + ", a dot an image"
                  + (scores.samples() > 2 * ScatterChart.MOST_DOTS
                      ? ", at most " + Text.count(ScatterChart.MOST_DOTS) + " of each kind"
                      : "")
                  + ". What curvature adds is the spread of colours along a vertical line: among"
                  + " images of equal loss.",
              chart.picture()));
    }
  }

  private void qq(Residuals residuals) {
    if (residuals.in().length == 0 || residuals.out().length == 0) {
      return;
    }
    String what =
        switch (residuals.signal()) {
          case LOGIT -> "the logit";
          case CURV_ZO -> "log curvature";
          default -> "log " + residuals.signal().tensorName();
        };
    plots.add(
        new Plot(
            "qq-" + residuals.signal().tensorName().replace('_', '-'),
            "Is " + what + " Gaussian?",
            "What each shadow gives an image against what the other shadows say of it, "
                + Text.count((long) residuals.in().length + residuals.out().length)
                + " residuals. On the dotted line the Gaussian model of the attacks holds; a steeper"
                + " end is a heavier tail.",
            new QqChart(residuals.in(), residuals.out()).picture()));
  }
}
