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
   * Writes {@linkplain #writeFigures the figures} and {@linkplain #writePage the page}.
   *
   * @param folder made if it is not there
   * @throws UncheckedIOException naming the file that could not be written
   */
  public static void write(Path folder, AttackResults results, RunInfo info) {
    writeFigures(folder, results, info);
    writePage(folder, results, info);
  }

  /**
   * Writes {@code attack.json}, {@code attack.csv} and {@code samples.csv}. The same results and information give the
   * same bytes.
   *
   * @param folder made if it is not there
   * @throws UncheckedIOException naming the file that could not be written
   */
  public static void writeFigures(Path folder, AttackResults results, RunInfo info) {
    make(folder);
    AtomicFiles.writeText(folder.resolve("attack.json"), AttackJson.of(results, info));
    AtomicFiles.writeText(folder.resolve("attack.csv"), AttackCsv.of(results));
    AtomicFiles.writeText(folder.resolve("samples.csv"), SamplesCsv.of(results));
  }

  /**
   * Writes {@code plots/*.svg} and {@code .png}, then {@code report.html}, which contains them.
   *
   * @param folder made if it is not there
   * @throws UncheckedIOException naming the file that could not be written
   */
  public static void writePage(Path folder, AttackResults results, RunInfo info) {
    Path plotFolder = folder.resolve("plots");
    make(plotFolder);
    List<Plot> plots = Plots.of(results, info);
    for (Plot plot : plots) {
      AtomicFiles.writeText(plotFolder.resolve(plot.name() + ".svg"), plot.svg());
      AtomicFiles.write(plotFolder.resolve(plot.name() + ".png"), plot.png());
    }
    AtomicFiles.writeText(folder.resolve("report.html"), ReportPage.of(results, info, plots));
  }

  private static void make(Path folder) {
    try {
      Files.createDirectories(folder);
    } catch (IOException e) {
      throw new UncheckedIOException(folder + ": cannot be made: " + e, e);
    }
  }
}
