package io.sagitta.attack.cli;

import io.sagitta.attack.console.Terminal;
import io.sagitta.attack.report.StudyReport;
import java.nio.file.Path;
import java.util.Locale;

/** What a study found, in a folder and on the screen. */
final class StudyTable {
  private static final String ROW = "%-34s %14s %14s %14s %14s%n";

  private StudyTable() {}

  static void write(StudyReport report, Path out, Terminal terminal) {
    report.write(out);
    terminal.out().printf(ROW, "evaluation", "median error", "norm error", "log corr.", "samples/s");
    for (StudyReport.Row row : report.rows()) {
      boolean exact = row.errors() == null;
      terminal.out().printf(
          Locale.ROOT, ROW, row.name(), exact ? "" : number("%.1e", row.errors().median()),
          exact ? "" : number("%.1e", row.errors().norm()),
          exact ? "" : number("%.5f", row.errors().logCorrelation()),
          number("%.4g", row.samplesPerSecond()));
    }
    terminal.out().println(report.kind().measure());
    terminal.out().println("Report: " + out.resolve(report.kind().stem() + ".html"));
    terminal.out().flush();
  }

  private static String number(String format, double value) {
    return String.format(Locale.ROOT, format, value);
  }
}
