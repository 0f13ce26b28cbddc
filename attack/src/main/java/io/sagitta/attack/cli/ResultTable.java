package io.sagitta.attack.cli;

import io.sagitta.attack.guard.Baseline;
import io.sagitta.attack.methods.AttackResults;
import io.sagitta.attack.methods.AttackSummary;
import io.sagitta.attack.methods.Distribution;
import io.sagitta.attack.metrics.Spread;
import io.sagitta.attack.run.Signal;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.stream.Stream;

/** An evaluation as a table of plain text, in percent. */
final class ResultTable {
  private static final String ROW = "%-22s %-10s %12s %12s %12s %12s %12s%n";

  private ResultTable() {}

  static void print(Findings findings, PrintWriter out) {
    AttackResults results = findings.results();
    out.printf(
        Locale.ROOT, ROW, "attack", "mode", "AUROC", "balanced acc", "TPR@1%FPR", "TPR@0.1%",
        "TPR@0.01%");
    for (AttackSummary summary : results.summaries()) {
      out.printf(
          Locale.ROOT, ROW, summary.attack().id(), summary.mode().id(),
          percent(summary, "auroc"), percent(summary, "balanced_accuracy"),
          percent(summary, "tpr_at_1e-2"), percent(summary, "tpr_at_1e-3"),
          percent(summary, "tpr_at_1e-4"));
    }
    for (Baseline baseline : findings.info().baselines()) {
      out.printf(
          Locale.ROOT, "%-22s target %-3d %12.2f   no attack: images and labels only%n",
          Baseline.ID, baseline.target(), 100 * baseline.figures().auroc());
    }
    boolean several = results.summaries().get(0).targets() > 1;
    out.println(
        "Percent" + (several ? ", mean ± deviation over targets" : "") + "; "
            + results.shadows() + " shadows, " + results.samples() + " samples.");
    for (Distribution distribution : results.distributions()) {
      if (distribution.signal() == Signal.CURV_ZO) {
        out.printf(
            Locale.ROOT, "Target %d: median curvature %.4g of members, %.4g of non-members.%n",
            distribution.target(), distribution.memberMedian(), distribution.nonmemberMedian());
      }
    }
    Stream.concat(results.warnings().stream(), findings.info().warnings().stream())
        .forEach(warning -> out.println("Note: " + warning));
    out.flush();
  }

  private static String percent(AttackSummary summary, String column) {
    Spread spread = summary.figures().get(column);
    String mean = String.format(Locale.ROOT, "%.2f", 100 * spread.mean());
    return summary.targets() == 1
        ? mean
        : mean + String.format(Locale.ROOT, " ±%.2f", 100 * spread.deviation());
  }
}
