package io.sagitta.attack.cli;

import static io.sagitta.attack.console.TrainingOptions.given;

import io.sagitta.attack.console.Commands;
import io.sagitta.attack.console.CommonOptions;
import io.sagitta.attack.console.ExitCode;
import io.sagitta.attack.console.MachineOptions;
import io.sagitta.attack.console.Range;
import io.sagitta.attack.console.Terminal;
import io.sagitta.attack.run.Run;
import io.sagitta.attack.run.RunConfig;
import io.sagitta.attack.score.Estimator;
import io.sagitta.attack.shadow.Divergence;
import io.sagitta.attack.work.Machines;
import io.sagitta.attack.work.Workers;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "score",
    description = "Score every sample with every model of a run, or with one model alone."
        + " Stopped, the same command continues.",
    versionProvider = Commands.Versions.class,
    footerHeading = "%nExamples:%n",
    footer = {
      "  sagitta score runs/c100",
      "  sagitta score runs/c100 --estimators zo,exact,hutchinson --score-samples 3000",
      "  sagitta score --weights runs/c100/models/0016.safetensors \\",
      "                --dataset cifar100 --data data/cifar-100-binary --split test --first 500 \\",
      "                --estimator zo --keep-directions --out scores.safetensors",
      "  sagitta score --weights torch.safetensors --arch resnet18 --dataset cifar100 \\",
      "                --data data/cifar-100-binary --estimator exact --out traces.safetensors"
    })
final class ScoreCommand implements Callable<Integer> {
  private final Terminal terminal;

  @Parameters(arity = "0..1", paramLabel = "RUN", description = "The run folder, with models.")
  private Path folder;

  @Option(
      names = "--data", paramLabel = "PATH",
      description = "Where the data are (default for a RUN: where they were).")
  private Path data;

  @Option(
      names = "--estimators", paramLabel = "NAMES",
      description = "With RUN: curvature scores side by side in its score files from now on,"
          + " separated by commas (default: those that run.json names).")
  private String estimators;

  @Range(least = 2)
  @Option(
      names = "--score-samples", paramLabel = "N",
      description = "With RUN: score and attack the first N samples alone from now on (default: as"
          + " run.json says).")
  private Integer scoreSamples;

  @Option(
      names = "--trained-only",
      description = "With RUN: score the models that are trained, though others are not yet.")
  private boolean trainedOnly;

  @ArgGroup(exclusive = false, heading = "%nOne model alone:%n")
  private OneModel one;

  @Mixin private MachineOptions machines;
  @Mixin private CommonOptions common;

  ScoreCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() {
    if ((folder == null) == (one == null)) {
      throw new IllegalArgumentException(
          "score: expected either RUN or --weights with the options of one model");
    }
    if (one != null && estimators != null) {
      throw new IllegalArgumentException(
          "score: expected --estimator for one model alone, got --estimators " + estimators
              + ", which is a RUN's");
    }
    if (one != null && (scoreSamples != null || trainedOnly)) {
      throw new IllegalArgumentException(
          "score: expected --score-samples and --trained-only with RUN alone, got them for one"
              + " model, whose samples --first and --split name");
    }
    if (one != null) {
      try (Workers workers = machines.openOne(terminal)) {
        one.score(data, workers, terminal);
      }
      return ExitCode.OK.status();
    }
    return scoreRun();
  }

  /** Other scores may be finite where those asked for so far were not. */
  private void scoreAsAsked(Run run) {
    RunConfig.Builder builder = run.config().toBuilder();
    given(estimators, names -> builder.estimators(Estimator.listOf(names)));
    given(scoreSamples, builder::scoreSamples);
    RunConfig asked = builder.build();
    if (!asked.equals(run.config())) {
      Divergence.forgetScoring(run);
      run.scoreAs(asked);
    }
  }

  private int scoreRun() {
    try (Machines opened = machines.open(terminal);
        Run run = Run.existing(folder, data)) {
      scoreAsAsked(run);
      Steps steps = new Steps(run, terminal);
      if (trainedOnly) {
        steps.scoreTrained(opened);
      } else {
        steps.score(opened);
      }
      return (steps.diverged().isEmpty() ? ExitCode.OK : ExitCode.DIVERGED).status();
    }
  }
}
