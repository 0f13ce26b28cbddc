package io.sagitta.attack.cli;

import io.sagitta.attack.console.ExitCode;
import io.sagitta.attack.console.Terminal;
import io.sagitta.attack.report.StudyReport;
import java.nio.file.Path;

/** What a study found, in a folder and on the screen. */
final class StudyOutput {
  private StudyOutput() {}

  /**
   * Writes and prints.
   *
   * @return the exit status
   */
  static int write(StudyReport report, Path out, Terminal terminal) {
    Path page = report.write(out);
    report.print(terminal.out());
    terminal.out().println("Report: " + page);
    terminal.out().flush();
    return ExitCode.OK.status();
  }
}
