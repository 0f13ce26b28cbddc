package io.sagitta.attack.study;

import io.sagitta.attack.report.Axis;
import io.sagitta.attack.report.LineChart;
import io.sagitta.attack.report.StudyReport;
import io.sagitta.attack.score.Estimator;
import io.sagitta.attack.score.ScoreErrors;
import io.sagitta.attack.score.ScoreSettings;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * The zero-order estimates against the analytic values over h, a line for each n: {@code zo}, after
 * one common factor, against the exact Frobenius norm of the input Hessian, {@code zo-trace}
 * against the exact trace. The outcomes are an {@link EstimatorStudy}'s.
 */
public final class StepStudy {
  /** Those that difference losses. */
  public static final List<Estimator> ESTIMATORS = List.of(Estimator.ZO, Estimator.ZO_TRACE);

  private StepStudy() {}

  /**
   * What was found, in words and pictures.
   *
   * @param setup what was studied, in words
   * @param outcomes of an {@link EstimatorStudy} of {@link #ESTIMATORS}
   */
  public static StudyReport report(Map<String, String> setup, List<StudyOutcome> outcomes) {
    List<StudyOutcome> differenced =
        outcomes.stream().filter(o -> o.setting().estimator().isZeroOrder()).toList();
    LineChart errors =
        new LineChart(
            Axis.log("h, on normalised inputs"),
            Axis.log("Median relative error").notBelow(ScoringTable.FLOOR));
    LineChart correlations =
        new LineChart(
            Axis.log("h, on normalised inputs"), Axis.linear("Correlation of logarithms"));
    series(differenced)
        .forEach(
            (name, line) -> {
              double[] steps = ScoringTable.values(line, o -> o.setting().h());
              errors.line(name, steps, ScoringTable.values(line, o -> o.errors().median()));
              correlations.line(
                  name, steps, ScoringTable.values(line, o -> o.errors().logCorrelation()));
            });
    StudyReport report =
        new StudyReport(
            "estimator",
            "Zero-order estimates against the analytic value",
            "Losses at a few points around an image tell how the loss curves there. How close is"
                + " that to the exact input Hessian, over the step h and the number of directions"
                + " n?");
    for (Estimator estimator : ESTIMATORS) {
      found(report, estimator, differenced);
    }
    return report
        .fact("samples", outcomes.get(0).scores().length)
        .table(ScoringTable.table(outcomes))
        .plot(
            errors.plot(
                "estimator", "Error over the step",
                "Down is close. To the right the stencil reaches over bends of the network; to the"
                    + " left what is left is the chance of the directions, which more of them"
                    + " reduce."))
        .plot(
            correlations.plot(
                "estimator-correlation", "Correlation over the step",
                "Of the logarithms of estimate and exact value over the images: 1 leaves an attack"
                    + " all of its signal."))
        .note(EstimatorStudy.MEASURE)
        .note(EstimatorStudy.BENDS)
        .note(
            "factor, in the files, is what takes zo's score to the Frobenius norm. Along random"
                + " signs |vᵀHu| averages between 2/π and √(2/π) times the norm, so h · factor"
                + " should lie between 1.25 and 1.57 where h is small.")
        .setup(setup);
  }

  private static Map<String, List<StudyOutcome>> series(List<StudyOutcome> outcomes) {
    return outcomes.stream()
        .sorted(Comparator.comparingDouble(o -> o.setting().h()))
        .collect(
            Collectors.groupingBy(
                o -> o.setting().estimator().text() + ", n = " + o.setting().n(),
                () -> new LinkedHashMap<>(), Collectors.toList()));
  }

  private static void found(
      StudyReport report, Estimator estimator, List<StudyOutcome> differenced) {
    List<StudyOutcome> own =
        differenced.stream().filter(o -> o.setting().estimator() == estimator).toList();
    if (own.isEmpty()) {
      return;
    }
    String what = estimator == Estimator.ZO ? "the exact Frobenius norm" : "the exact trace";
    int most = own.stream().mapToInt(o -> o.setting().n()).max().orElseThrow();
    Comparator<StudyOutcome> byStep = Comparator.comparingDouble(o -> o.setting().h());
    List<StudyOutcome> finest = own.stream().filter(o -> o.setting().n() == most).toList();
    StudyOutcome small = finest.stream().min(byStep).orElseThrow();
    StudyOutcome large = finest.stream().max(byStep).orElseThrow();
    String text =
        String.format(
            Locale.ROOT, "%s with n = %d is at a median error of %s from %s at h = %s",
            estimator.text(), most, Words.figure(small.errors().median()), what, Words.figure(small.setting().h()));
    if (small != large) {
      text +=
          String.format(
              Locale.ROOT, " and of %s at h = %s (log correlations %.3f and %.3f)",
              Words.figure(large.errors().median()), Words.figure(large.setting().h()),
              small.errors().logCorrelation(), large.errors().logCorrelation());
    }
    report.found(text + "." + published(own));
  }

  private static double distance(double value, double published) {
    return Math.abs(Math.log(value / published));
  }

  /** The published step and number, or those nearest. */
  private static String published(List<StudyOutcome> own) {
    StudyOutcome near =
        own.stream()
            .min(
                Comparator.comparingDouble(
                    o ->
                        distance(o.setting().h(), ScoreSettings.DEFAULT_H)
                            + distance(o.setting().n(), ScoreSettings.DEFAULT_N)))
            .orElseThrow();
    ScoreErrors errors = near.errors();
    return String.format(
        Locale.ROOT, " Near the published setting, at h = %s and n = %d, the error is %s and the"
            + " log correlation %.3f.",
        Words.figure(near.setting().h()), near.setting().n(), Words.figure(errors.median()),
        errors.logCorrelation());
  }
}
