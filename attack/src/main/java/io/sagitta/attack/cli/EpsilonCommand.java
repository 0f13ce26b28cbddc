package io.sagitta.attack.cli;

import io.sagitta.attack.console.Commands;
import io.sagitta.attack.console.CommonOptions;
import io.sagitta.attack.console.Terminal;
import io.sagitta.attack.run.Run;
import io.sagitta.attack.run.Version;
import io.sagitta.attack.study.EpsilonStudy;
import io.sagitta.attack.study.MeasuredRun;
import io.sagitta.attack.theory.CurvatureKl;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "epsilon",
    description = {
      "What does privacy promise? Bounds on divergence and AUROC over epsilon, the paper's curve,"
          + " and what attacks attained against runs trained with some epsilon.",
      "Leaves epsilon.json, .csv and .html and pictures in the folder."
    },
    versionProvider = Commands.Versions.class,
    footerHeading = "%nExamples:%n",
    footer = {
      "  sagitta experiment epsilon                 the theory alone",
      "  sagitta experiment epsilon --run runs/dp-1 --run runs/dp-4 --run runs/c100",
      "  sagitta experiment epsilon --point 1:runs/dp-1 --point 4:runs/dp-4 --point inf:runs/c100"
    })
final class EpsilonCommand implements Callable<Integer> {
  private final Terminal terminal;

  @Option(
      names = "--point", paramLabel = "EPS:RUN",
      description = "An attacked run, or its attack.json, and the epsilon its targets were trained"
          + " with; inf for none. May be given several times.")
  private List<String> points = new ArrayList<>();

  @Option(
      names = "--run", paramLabel = "RUN",
      description = "An attacked run whose files record the epsilon and delta of their training; no"
          + " record counts as no privacy. May be given several times.")
  private List<Path> folders = new ArrayList<>();

  @Option(
      names = "--delta", paramLabel = "D",
      description = "Delta of that training (default: the greatest that a --run records, or 0).")
  private Double delta;

  @Option(
      names = "--loss", paramLabel = "L", defaultValue = "1",
      description = "Theorem 4.2: the greatest loss (default: 1).")
  private double loss;

  @Option(
      names = "--m", paramLabel = "M", defaultValue = "100",
      description = "Theorem 4.2: the size of the training set (default: 100).")
  private double samples;

  @Option(
      names = "--c", paramLabel = "C", defaultValue = "0",
      description = "Theorem 4.2: what stability, generalisation and bias add (default: 0).")
  private double constant;

  @Option(
      names = "--sigma", paramLabel = "S", defaultValue = "50",
      description = "Theorem 4.2: the deviation of curvature scores (default: 50).")
  private double sigma;

  @Option(
      names = "--out", paramLabel = "DIR", defaultValue = "studies/epsilon",
      description = "Receives the results (default: studies/epsilon).")
  private Path out;

  @Mixin private CommonOptions common;

  EpsilonCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() {
    CurvatureKl theorem = new CurvatureKl(loss, samples, constant, sigma);
    List<MeasuredRun> runs = new ArrayList<>(points.stream().map(MeasuredRun::read).toList());
    folders.forEach(folder -> runs.add(measured(folder)));
    double recorded = runs.stream().mapToDouble(MeasuredRun::delta).max().orElse(0);
    double bounding = delta == null ? recorded : delta;
    Map<String, String> setup = new LinkedHashMap<>();
    setup.put("Points", points.isEmpty() ? "none" : String.join(", ", points));
    folders.forEach(folder -> setup.put("Run " + folder, "epsilon as its files record"));
    setup.put("Delta", Double.toString(bounding));
    setup.put("Versions", "Sagitta " + Version.sagitta() + ", Java " + Version.java());
    return StudyOutput.write(
        new EpsilonStudy(theorem, bounding, runs).report(setup), out, terminal);
  }

  private static MeasuredRun measured(Path folder) {
    try (Run run = Run.existing(folder, null)) {
      return MeasuredRun.of(run);
    }
  }
}
