package io.sagitta.attack.report;

import io.sagitta.attack.methods.AttackResult;
import io.sagitta.attack.methods.AttackResults;
import io.sagitta.attack.methods.AttackSummary;
import io.sagitta.attack.methods.Mode;
import io.sagitta.attack.metrics.Figures;
import io.sagitta.attack.metrics.Spread;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** {@code report.html}: one file, no network, for wide and narrow, light and dark screens. */
final class ReportPage {
  private static final String TEMPLATE = "report.html";

  private final AttackResults results;
  private final RunInfo info;
  private final List<Plot> plots;

  private ReportPage(AttackResults results, RunInfo info, List<Plot> plots) {
    this.results = results;
    this.info = info;
    this.plots = plots;
  }

  static String of(AttackResults results, RunInfo info, List<Plot> plots) {
    return Page.of(TEMPLATE, new ReportPage(results, info, plots).page());
  }

  private Map<String, Object> page() {
    Prose prose = new Prose(results);
    Map<String, Object> page = new LinkedHashMap<>();
    page.put("title", info.title());
    page.put("lead", prose.lead());
    page.put("tiles", prose.tiles());
    page.put("shown", prose.shown());
    page.put("notShown", prose.notShown());
    List<String> warnings =
        Stream.concat(results.warnings().stream(), info.warnings().stream()).toList();
    page.put("warnings", warnings);
    page.put("hasWarnings", !warnings.isEmpty());
    page.put("modes", modes());
    page.put("plots", plots.stream().map(Page::plot).toList());
    page.put("targets", targets());
    page.put("setup", Page.pairs(info.setup()));
    page.put("hashes", Page.pairs(info.hashes()));
    page.put("hasHashes", !info.hashes().isEmpty());
    page.put("models", info.models().stream().map(ReportPage::model).toList());
    page.put("hasModels", !info.models().isEmpty());
    page.put("references", references());
    return page;
  }

  /** A table for each mode, corrected first, over all targets. */
  private List<Map<String, Object>> modes() {
    return results.summaries().stream()
        .map(AttackSummary::mode)
        .distinct()
        .sorted(Comparator.reverseOrder())
        .map(this::mode)
        .toList();
  }

  private Map<String, Object> mode(Mode mode) {
    return Map.of(
        "name", mode == Mode.PAPER ? "The paper's arithmetic" : "Corrected",
        "note", Prose.note(mode),
        "head", Prose.HEADINGS,
        "rows",
            results.summaries().stream()
                .filter(summary -> summary.mode() == mode)
                .map(this::summaryRow)
                .toList());
  }

  private Map<String, Object> summaryRow(AttackSummary summary) {
    AttackResult single = only(summary);
    List<Map<String, Object>> cells = new ArrayList<>();
    for (int i = 0; i < Figures.COLUMNS.size(); i++) {
      Figures.Column column = Figures.COLUMNS.get(i);
      Spread spread = summary.figures().get(column.name());
      String beside =
          single == null
              ? "± " + Text.percent(spread.deviation())
              : interval(column, single);
      cells.add(cell(i, column, spread.mean(), beside));
    }
    return Map.of(
        "attack", summary.attack().title(),
        "id", summary.attack().id(),
        "mode", summary.mode().id(),
        "cells", cells);
  }

  private AttackResult only(AttackSummary summary) {
    List<AttackResult> of =
        results.results().stream()
            .filter(r -> r.mode() == summary.mode() && r.attack() == summary.attack())
            .toList();
    return of.size() == 1 ? of.get(0) : null;
  }

  private static String interval(Figures.Column column, AttackResult result) {
    return Text.percent(column.value().applyAsDouble(result.interval().low())) + "–"
        + Text.percent(column.value().applyAsDouble(result.interval().high()));
  }

  private static Map<String, Object> cell(
      int i, Figures.Column column, double value, String beside) {
    return Map.of(
        "heading", Prose.HEADINGS.get(i),
        "column", column.name(),
        "exact", Double.toString(value),
        "value", Text.percent(value),
        "beside", beside);
  }

  /** Every target's own figures, when there is more than one. */
  private List<Map<String, Object>> targets() {
    List<Map<String, Object>> rows = new ArrayList<>();
    if (results.results().stream().mapToInt(AttackResult::target).distinct().count() > 1) {
      for (AttackResult result : results.results()) {
        List<Map<String, Object>> cells = new ArrayList<>();
        for (int i = 0; i < Figures.COLUMNS.size(); i++) {
          Figures.Column column = Figures.COLUMNS.get(i);
          double value = column.value().applyAsDouble(result.figures());
          cells.add(cell(i, column, value, interval(column, result)));
        }
        rows.add(
            Map.of(
                "attack", result.attack().title(),
                "id", result.attack().id(),
                "mode", result.mode().id(),
                "target", result.target(),
                "cells", cells));
      }
    }
    return rows.isEmpty() ? List.of() : List.of(Map.of("head", Prose.HEADINGS, "rows", rows));
  }

  private static Map<String, Object> model(RunInfo.Model model) {
    return Map.of(
        "index", model.index(),
        "role", model.role(),
        "train", Text.percent(model.trainAccuracy()),
        "other", Text.percent(model.otherAccuracy()),
        "loss", Text.figure(model.loss()),
        "note", model.note());
  }

  private List<Map<String, String>> references() {
    return results.summaries().stream()
        .map(AttackSummary::attack)
        .distinct()
        .map(attack -> Map.of("name", attack.title(), "value", attack.reference()))
        .toList();
  }
}
