package io.sagitta.attack.cli;

import io.sagitta.attack.console.Commands;
import io.sagitta.attack.console.CommonOptions;
import io.sagitta.attack.console.Terminal;
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
      names = "--delta", paramLabel = "D", defaultValue = "0",
      description = "The delta of that training (default: 0).")
  private double delta;

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
    List<MeasuredRun> runs = points.stream().map(MeasuredRun::read).toList();
    Map<String, String> setup = new LinkedHashMap<>();
    setup.put("Points", points.isEmpty() ? "none" : String.join(", ", points));
    setup.put("Delta", Double.toString(delta));
    setup.put("Versions", "Sagitta " + Version.sagitta() + ", Java " + Version.java());
    return StudyOutput.write(
        new EpsilonStudy(theorem, delta, runs).report(setup), out, terminal);
  }
}
