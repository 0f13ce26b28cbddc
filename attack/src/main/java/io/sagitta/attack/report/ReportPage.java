package io.sagitta.attack.report;

import io.sagitta.attack.methods.AttackResults;
import io.sagitta.attack.methods.AttackSummary;
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
    Prose prose = new Prose(results, info);
    SummaryTable tables = new SummaryTable(results, info);
    ExposedTable exposed = new ExposedTable(results, info);
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
    page.put("modes", tables.modes());
    page.put("plots", plots.stream().map(Page::plot).toList());
    page.put("targets", tables.targets());
    page.put("exposed", exposed.images());
    page.put("exposedNote", prose.exposed());
    page.put("classes", exposed.classes());
    page.put("hasClasses", !exposed.classes().isEmpty());
    page.put("classNote", exposed.classNote());
    page.put("setup", Page.pairs(info.setup()));
    page.put("hasSetup", !info.setup().isEmpty());
    page.put("hashes", Page.pairs(info.hashes()));
    page.put("hasHashes", !info.hashes().isEmpty());
    page.put("models", info.models().stream().map(ReportPage::model).toList());
    page.put("hasModels", !info.models().isEmpty());
    page.put("references", references());
    return page;
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
        .map(
            attack ->
                Map.of(
                    "name", attack.title(), "value", attack.reference(),
                    "formula", attack.formula()))
        .toList();
  }
}
