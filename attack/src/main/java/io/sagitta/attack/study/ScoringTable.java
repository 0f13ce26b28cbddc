package io.sagitta.attack.study;

import io.sagitta.attack.report.Axis;
import io.sagitta.attack.report.DataTable;
import io.sagitta.attack.report.LineChart;
import io.sagitta.attack.report.StudyReport;
import io.sagitta.attack.score.ScoreErrors;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;

/** What studies of ways to score show in common: errors and speed, as a table and a picture. */
final class ScoringTable {
  /** Errors below this, zero among them, stand at it. */
  static final double FLOOR = 1e-9;

  private ScoringTable() {}

  /**
   * Adds table, picture and notes.
   *
   * @param what the points and lines of the picture are, in words
   */
  static void add(StudyReport report, List<StudyOutcome> outcomes, String what) {
    report
        .fact("samples", outcomes.get(0).scores().length)
        .table(table(outcomes))
        .plot(
            errorAgainstSpeed(outcomes)
                .plot(
                    report.name(), "Error against speed",
                    "Right is fast, down is accurate. " + what + " Both axes are logarithmic."))
        .note(
            "Attacks compare logarithms of scores: the correlation says what is left of an attack's"
                + " signal.")
        .note("Speed includes everything but reading files, on the device named below.");
  }

  static DataTable table(List<StudyOutcome> outcomes) {
    DataTable table =
        DataTable.of("rows", "Every way")
            .text("evaluation", "Evaluation")
            .figure("median_relative_error", "Median relative error")
            .figure("norm_relative_error", "Error of the norm")
            .correlation("log_correlation", "Log correlation")
            .figure("samples_per_second", "Images a second")
            .hidden("h")
            .hidden("n")
            .hidden("factor");
    for (StudyOutcome outcome : outcomes) {
      ScoreErrors errors = outcome.errors();
      Setting setting = outcome.setting();
      table.row(
          setting.name(),
          errors == null ? null : errors.median(),
          errors == null ? null : errors.norm(),
          errors == null ? null : errors.logCorrelation(),
          outcome.samplesPerSecond(),
          setting.h(),
          setting.n() == 0 ? null : setting.n(),
          outcome.factor());
    }
    return table;
  }

  private static LineChart errorAgainstSpeed(List<StudyOutcome> outcomes) {
    LineChart chart =
        new LineChart(
            Axis.log("Images a second"), Axis.log("Median relative error").notBelow(FLOOR));
    Map<String, List<StudyOutcome>> series =
        outcomes.stream()
            .filter(outcome -> outcome.exact() != null)
            .collect(
                Collectors.groupingBy(
                    outcome -> outcome.setting().series(), LinkedHashMap::new,
                    Collectors.toList()));
    series.forEach(
        (name, points) -> {
          double[] speeds = values(points, StudyOutcome::samplesPerSecond);
          double[] errors = values(points, outcome -> outcome.errors().median());
          if (points.size() == 1) {
            chart.circles(name, speeds, errors);
          } else {
            chart.line(name, speeds, errors);
          }
        });
    return chart;
  }

  static double[] values(List<StudyOutcome> outcomes, ToDoubleFunction<StudyOutcome> value) {
    return outcomes.stream().mapToDouble(value).toArray();
  }
}
