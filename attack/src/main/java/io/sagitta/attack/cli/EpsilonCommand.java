package io.sagitta.attack.cli;

import io.sagitta.attack.console.Commands;
import io.sagitta.attack.console.CommonOptions;
import io.sagitta.attack.console.DeviceOption;
import io.sagitta.attack.console.Given;
import io.sagitta.attack.console.Range;
import io.sagitta.attack.console.RunOptions;
import io.sagitta.attack.console.Terminal;
import io.sagitta.attack.methods.AttackSettings;
import io.sagitta.attack.methods.Mode;
import io.sagitta.attack.run.Run;
import io.sagitta.attack.run.RunConfig;
import io.sagitta.attack.run.Version;
import io.sagitta.attack.study.EpsilonStudy;
import io.sagitta.attack.study.MeasuredRun;
import io.sagitta.attack.theory.CurvatureKl;
import io.sagitta.attack.work.Workers;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.function.UnaryOperator;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
    name = "epsilon",
    description = {
      "What does privacy promise? Bounds on divergence and AUROC over epsilon, the paper's curve,"
          + " and what attacks attained against runs trained with some epsilon.",
      "With --dataset runs are trained, scored and attacked for each of --epsilons, in the folder;"
          + " stopped, the same command continues. Leaves epsilon.json, .csv and .html and pictures"
          + " there."
    },
    versionProvider = Commands.Versions.class,
    footerHeading = "%nExamples:%n",
    footer = {
      "  sagitta experiment epsilon                 the theory alone",
      "  sagitta experiment epsilon --dataset cifar100 --data data/cifar-100-binary --batch 128 \\",
      "                --epochs 20 --epsilons 1,3,10,50,inf --targets 3 --out studies/epsilon",
      "  sagitta experiment epsilon --run runs/dp-1 --run runs/dp-4 --run runs/c100",
      "  sagitta experiment epsilon --point 1:runs/dp-1 --point 4:runs/dp-4 --point inf:runs/c100"
    })
final class EpsilonCommand implements Callable<Integer> {
  /** What is of use without runs that are trained. */
  private static final Set<String> OF_THEORY =
      Set.of(
          "--point", "--run", "--delta", "--loss", "--m", "--c", "--sigma", "--out", "--verbose");

  private final Terminal terminal;

  @Spec private CommandSpec command;

  /** Those of the paper, and none. */
  private static final String PAPER = "1,2,3,4,5,10,15,25,30,35,40,45,50,inf";

  @Mixin private RunOptions options;

  @Option(
      names = "--epsilons", paramLabel = "E", split = ",", defaultValue = PAPER,
      description = "With --dataset: epsilons of the runs that are trained; inf for none, by the same"
          + " optimiser (default: the paper's, " + PAPER + ").")
  private List<String> epsilons;

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

  @Range(least = 0, below = 1)
  @Option(
      names = "--delta", paramLabel = "D",
      description = "Delta of that training (default: the greatest that a --run records, or 0).")
  private Double delta;

  @Range(above = 0)
  @Option(
      names = "--loss", paramLabel = "L", defaultValue = "1",
      description = "Theorem 4.2: the greatest loss (default: 1).")
  private double loss;

  @Range(least = 1)
  @Option(
      names = "--m", paramLabel = "M", defaultValue = "100",
      description = "Theorem 4.2: the size of the training set (default: 100).")
  private double samples;

  @Range(least = 0)
  @Option(
      names = "--c", paramLabel = "C", defaultValue = "0",
      description = "Theorem 4.2: what stability, generalisation and bias add (default: 0).")
  private double constant;

  @Range(above = 0)
  @Option(
      names = "--sigma", paramLabel = "S", defaultValue = "50",
      description = "Theorem 4.2: the deviation of curvature scores (default: 50).")
  private double sigma;

  @Option(
      names = "--out", paramLabel = "DIR", defaultValue = "studies/epsilon",
      description = "Receives the results (default: studies/epsilon).")
  private Path out;

  @Mixin private DeviceOption device;
  @Mixin private CommonOptions common;

  EpsilonCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() {
    if (!options.hasDataset()) {
      new Given(command).refuseAllBut(OF_THEORY, "--dataset with it, for runs that are trained");
    }
    CurvatureKl theorem = new CurvatureKl(loss, samples, constant, sigma);
    List<MeasuredRun> runs = new ArrayList<>(points.stream().map(MeasuredRun::read).toList());
    folders.forEach(folder -> runs.add(measured(folder)));
    if (options.hasDataset()) {
      runs.addAll(trained());
    }
    double recorded = runs.stream().mapToDouble(MeasuredRun::delta).max().orElse(0);
    double bounding = delta == null ? recorded : delta;
    Map<String, String> setup = new LinkedHashMap<>();
    setup.put("Points", points.isEmpty() ? "none" : String.join(", ", points));
    folders.forEach(folder -> setup.put("Run " + folder, "epsilon as its files record"));
    if (options.hasDataset()) {
      setup.put("Trained", "runs of epsilon " + String.join(", ", epsilons));
    }
    setup.put("Delta", Double.toString(bounding));
    setup.put("Versions", "Sagitta " + Version.sagitta() + ", Java " + Version.java());
    return StudyOutput.write(
        new EpsilonStudy(theorem, bounding, runs).report(setup), out, terminal);
  }

  /** Trains, scores and attacks what is not done yet. */
  private List<MeasuredRun> trained() {
    options.askForPrivacy();
    double[] wanted = epsilons.stream().mapToDouble(MeasuredRun::epsilon).distinct().toArray();
    List<MeasuredRun> runs = new ArrayList<>();
    try (Workers workers = device.open(terminal)) {
      for (double epsilon : wanted) {
        String name = Double.isInfinite(epsilon) ? "inf" : Double.toString(epsilon);
        Path folder = out.resolve("epsilon-" + name);
        terminal.say("epsilon " + name + ": " + folder);
        UnaryOperator<RunConfig> config = options.privately(epsilon);
        try (Run run = Run.open(folder, config, options.data(), workers::description, false)) {
          Steps steps = new Steps(run, terminal);
          steps.shadows(workers);
          steps.score(workers);
          steps.report(steps.attack(AttackSettings.of(EnumSet.allOf(Mode.class))));
          runs.add(MeasuredRun.of(run));
        }
      }
    }
    return runs;
  }

  private static MeasuredRun measured(Path folder) {
    try (Run run = Run.existing(folder, null)) {
      return MeasuredRun.of(run);
    }
  }
}
