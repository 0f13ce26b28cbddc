package io.sagitta.attack.report;

import io.sagitta.attack.guard.Baseline;
import io.sagitta.attack.methods.AttackResult;
import io.sagitta.attack.methods.AttackResults;
import io.sagitta.attack.methods.AttackSummary;
import io.sagitta.attack.methods.Gap;
import io.sagitta.attack.methods.Mode;
import io.sagitta.attack.metrics.Bootstrap;
import io.sagitta.attack.metrics.Figures;
import io.sagitta.attack.metrics.Spread;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The page's tables of figures: over all targets for each mode, and every target's own. */
final class SummaryTable {
  /** Of the figures' columns, in their order. */
  private static final List<String> HEADINGS =
      List.of(
          "AUROC",
          "Balanced accuracy",
          "TPR at 1%\u00a0FPR",
          "TPR at 0.1%\u00a0FPR",
          "TPR at 0.01%\u00a0FPR",
          "Best balanced accuracy");

  private static final Map<String, Double> RATES =
      Map.of("tpr_at_1e-2", 1e-2, "tpr_at_1e-3", 1e-3, "tpr_at_1e-4", 1e-4);
  private static final String GAP = "behind_strongest";
  private static final String EPSILON = "epsilon";

  private final AttackResults results;
  private final RunInfo info;
  private final Standing standing;

  SummaryTable(AttackResults results, RunInfo info) {
    this.results = results;
    this.info = info;
    this.standing = new Standing(results);
  }

  /** A table for each mode, corrected first, over all targets. */
  List<Map<String, Object>> modes() {
    return standing.modes().stream().map(this::mode).toList();
  }

  private Map<String, Object> mode(Mode mode) {
    List<Map<String, Object>> rows = new ArrayList<>();
    standing.ranked(mode).forEach(summary -> rows.add(summaryRow(summary)));
    if (mode == standing.modes().get(0) && !info.baselines().isEmpty()) {
      rows.add(baselineRow(mode));
    }
    return Map.of(
        "name", mode == Mode.PAPER ? "The paper's arithmetic" : "Corrected",
        "note", Prose.note(mode),
        "head", head(),
        "rows", rows);
  }

  /** Headings, with the number of non-members that each low rate stands on. */
  private List<Map<String, String>> head() {
    long fewest = results.results().stream().mapToLong(r -> r.roc().nonmembers()).min().orElse(0);
    List<Map<String, String>> head = new ArrayList<>();
    for (int i = 0; i < HEADINGS.size(); i++) {
      Double rate = RATES.get(Figures.COLUMNS.get(i).name());
      String beside =
          rate == null ? "" : Text.brief(rate * fewest) + " non-members";
      head.add(Map.of("name", HEADINGS.get(i), "beside", beside));
    }
    head.add(Map.of("name", "AUROC behind the best", "beside", ""));
    head.add(Map.of("name", "ε at least", "beside", ""));
    return head;
  }

  private Map<String, Object> summaryRow(AttackSummary summary) {
    List<AttackResult> all =
        results.results().stream()
            .filter(r -> r.mode() == summary.mode() && r.attack() == summary.attack())
            .toList();
    List<Map<String, Object>> cells = new ArrayList<>();
    for (Figures.Column column : Figures.COLUMNS) {
      Spread spread = summary.figures().get(column.name());
      String beside = beside(column, spread, all.size(), all.get(0).interval());
      cells.add(cell(column.name(), spread.mean(), beside));
    }
    double[] gaps = all.stream().mapToDouble(result -> result.gap().auroc()).toArray();
    cells.add(
        all.size() == 1
            ? gap(all.get(0).gap())
            : cell(
                GAP, Spread.sample(gaps).mean(),
                "± " + Text.percent(Spread.sample(gaps).deviation())));
    double[] bounds = all.stream().mapToDouble(result -> result.epsilon().epsilon()).toArray();
    cells.add(epsilon(Spread.sample(bounds)));
    return row(
        summary.attack().title(), summary.attack().id(), summary.mode().id(),
        Map.of("cells", cells));
  }

  private static String beside(
      Figures.Column column, Spread spread, int targets, Bootstrap.Interval interval) {
    return targets == 1 ? interval(column, interval) : "± " + Text.percent(spread.deviation());
  }

  private Map<String, Object> baselineRow(Mode mode) {
    List<Map<String, Object>> cells = new ArrayList<>();
    for (Figures.Column column : Figures.COLUMNS) {
      Spread spread =
          Spread.sample(
              info.baselines().stream()
                  .mapToDouble(baseline -> column.value().applyAsDouble(baseline.figures()))
                  .toArray());
      Bootstrap.Interval first = info.baselines().get(0).interval();
      String beside = beside(column, spread, info.baselines().size(), first);
      cells.add(cell(column.name(), spread.mean(), beside));
    }
    return row(
        Baseline.TITLE, Baseline.ID, mode.id(),
        Map.of("cells", cells, "aside", "no attack: images and labels only"));
  }

  private static Map<String, Object> row(
      String title, String id, String mode, Map<String, Object> more) {
    Map<String, Object> row = new LinkedHashMap<>();
    row.put("attack", title);
    row.put("id", id);
    row.put("mode", mode);
    row.put("aside", "");
    row.putAll(more);
    return row;
  }

  private static String interval(Figures.Column column, Bootstrap.Interval interval) {
    return Text.percent(column.value().applyAsDouble(interval.low())) + "–"
        + Text.percent(column.value().applyAsDouble(interval.high()));
  }

  private static Map<String, Object> cell(String column, double value, String beside) {
    return Map.of(
        "column", column,
        "exact", Double.toString(value),
        "value", Text.percent(value),
        "beside", beside);
  }

  /** By differences within redraws of the same images. */
  private static Map<String, Object> gap(Gap gap) {
    String interval = Text.percent(gap.low()) + " to " + Text.percent(gap.high());
    return cell(GAP, gap.auroc(), gap.auroc() == 0 ? "" : interval);
  }

  private static Map<String, Object> epsilon(Spread bound) {
    return Map.of(
        "column", EPSILON,
        "exact", Double.toString(bound.mean()),
        "value", Text.epsilon(bound.mean()),
        "beside", Double.isNaN(bound.deviation()) ? "" : "± " + Text.epsilon(bound.deviation()));
  }

  /** Every target's own figures, when there is more than one. */
  List<Map<String, Object>> targets() {
    List<Map<String, Object>> rows = new ArrayList<>();
    if (results.results().stream().mapToInt(AttackResult::target).distinct().count() > 1) {
      results.results().forEach(result -> rows.add(targetRow(result)));
    }
    return rows.isEmpty() ? List.of() : List.of(Map.of("head", head(), "rows", rows));
  }

  private static Map<String, Object> targetRow(AttackResult result) {
    List<Map<String, Object>> cells = new ArrayList<>();
    for (Figures.Column column : Figures.COLUMNS) {
      double value = column.value().applyAsDouble(result.figures());
      cells.add(cell(column.name(), value, interval(column, result.interval())));
    }
    cells.add(gap(result.gap()));
    cells.add(epsilon(new Spread(result.epsilon().epsilon(), Double.NaN)));
    return row(
        result.attack().title(), result.attack().id(), result.mode().id(),
        Map.of("target", result.target(), "cells", cells));
  }
}
