package io.sagitta.attack.report;

import io.sagitta.attack.methods.AttackResults;
import io.sagitta.nn.io.AtomicFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Writes an evaluation's files into a folder; each is written whole or not at all. */
public final class Reports {
  private Reports() {}

  /**
   * Writes {@code attack.json}, {@code attack.csv}, {@code plots/*.svg} and {@code .png}, and
   * {@code report.html}, in this order. The same results and information give the same bytes of
   * the first two.
   *
   * @param folder made if it is not there
   * @throws UncheckedIOException naming the file that could not be written
   */
  public static void write(Path folder, AttackResults results, RunInfo info) {
    Path plotFolder = folder.resolve("plots");
    try {
      Files.createDirectories(plotFolder);
    } catch (IOException e) {
      throw new UncheckedIOException(plotFolder + ": cannot be made: " + e, e);
    }
    AtomicFiles.writeText(folder.resolve("attack.json"), AttackJson.of(results, info));
    AtomicFiles.writeText(folder.resolve("attack.csv"), AttackCsv.of(results));
    List<Plot> plots = Plots.of(results);
    for (Plot plot : plots) {
      AtomicFiles.writeText(plotFolder.resolve(plot.name() + ".svg"), plot.svg());
      AtomicFiles.write(plotFolder.resolve(plot.name() + ".png"), plot.png());
    }
    AtomicFiles.writeText(folder.resolve("report.html"), ReportPage.of(results, info, plots));
  }
}
