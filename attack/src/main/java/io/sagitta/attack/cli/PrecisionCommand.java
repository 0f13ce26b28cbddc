package io.sagitta.attack.cli;

import io.sagitta.attack.console.Commands;
import io.sagitta.attack.console.CommonOptions;
import io.sagitta.attack.console.DeviceOption;
import io.sagitta.attack.console.ExitCode;
import io.sagitta.attack.console.Terminal;
import io.sagitta.attack.report.PrecisionReport;
import io.sagitta.attack.run.Version;
import io.sagitta.attack.score.PrecisionStudy;
import io.sagitta.attack.work.Workers;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "precision",
    description = {
      "How far is the zero-order score from float64, and how fast is it, in each way that this"
          + " device can evaluate it?",
      "Without --weights a network is trained first, and kept as model.safetensors. Leaves"
          + " precision.json, precision.csv and precision.html in the folder."
    },
    versionProvider = Commands.Versions.class,
    footerHeading = "%nExamples:%n",
    footer = {
      "  sagitta experiment precision --out precision",
      "  sagitta experiment precision --weights model.safetensors --arch resnet18 \\",
      "                --dataset cifar100 --data data/cifar-100-binary --samples 256 --out precision"
    })
final class PrecisionCommand implements Callable<Integer> {
  private static final String ROW = "%-16s %14s %14s %14s %14s%n";

  private final Terminal terminal;

  @Mixin private StudiedModels studied;

  @Option(
      names = "--samples", paramLabel = "N", defaultValue = "256",
      description = "Score the first N records (default: 256).")
  private int samples;

  @Option(
      names = "--h", paramLabel = "H", defaultValue = "1e-3",
      description = "Scale of the stencil, on normalised inputs (default: 1e-3).")
  private double h;

  @Option(
      names = "--n", paramLabel = "N", defaultValue = "10",
      description = "Random directions a sample (default: 10).")
  private int n;

  @Option(
      names = "--seed", paramLabel = "S", defaultValue = "0",
      description = "Seed of the directions, and of the training (default: 0).")
  private long seed;

  @Option(
      names = "--out", paramLabel = "DIR", required = true,
      description = "Receives the results; made if it is not there.")
  private Path out;

  @Mixin private DeviceOption device;
  @Mixin private CommonOptions common;

  PrecisionCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() {
    try (Workers workers = device.openOne(terminal)) {
      PrecisionStudy.check(h, n);
      StudiedModels.Study study = studied.prepare(out, samples, seed, workers, terminal);
      List<PrecisionStudy.Outcome> outcomes = study.run(h, n, seed);
      PrecisionReport report = PrecisionReport.of(setup(study, workers), outcomes);
      report.write(out);
      print(report);
      return ExitCode.OK.status();
    }
  }

  private Map<String, String> setup(StudiedModels.Study study, Workers workers) {
    Map<String, String> setup = new LinkedHashMap<>(study.setup());
    setup.put("Stencil", "zero-order, n = " + n + ", h = " + h + ", seed " + seed);
    setup.put("Device", workers.description());
    setup.put("Versions", "Sagitta " + Version.sagitta() + ", Java " + Version.java());
    setup.put("System", Version.system());
    return setup;
  }

  private void print(PrecisionReport report) {
    terminal.out().printf(
        ROW, "evaluation", "median error", "norm error", "log corr.", "samples/s");
    for (PrecisionReport.Row row : report.rows()) {
      boolean exact = row.errors() == null;
      terminal.out().printf(
          Locale.ROOT, ROW, row.name(), exact ? "" : number("%.1e", row.errors().median()),
          exact ? "" : number("%.1e", row.errors().norm()),
          exact ? "" : number("%.5f", row.errors().logCorrelation()),
          number("%.4g", row.samplesPerSecond()));
    }
    terminal.out().println(
        "Errors of the score are relative to float64; log corr. is the correlation of logarithms.");
    terminal.out().println("Report: " + out.resolve("precision.html"));
    terminal.out().flush();
  }

  private static String number(String format, double value) {
    return String.format(Locale.ROOT, format, value);
  }
}
