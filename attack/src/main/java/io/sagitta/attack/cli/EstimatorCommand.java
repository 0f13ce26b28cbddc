package io.sagitta.attack.cli;

import io.sagitta.attack.console.Commands;
import io.sagitta.attack.console.CommonOptions;
import io.sagitta.attack.console.DeviceOption;
import io.sagitta.attack.console.Range;
import io.sagitta.attack.console.Terminal;
import io.sagitta.attack.score.ScoreSettings;
import io.sagitta.attack.study.EstimatorStudy;
import io.sagitta.attack.study.StepStudy;
import io.sagitta.attack.study.StudyOutcome;
import io.sagitta.attack.work.Workers;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "estimator",
    description = {
      "How close are zero-order estimates to the analytic value, over the step h and the number of"
          + " directions n? zo against the exact Frobenius norm of the input Hessian, zo-trace"
          + " against its trace.",
      "Without --weights a network is trained first, and kept as model.safetensors. Leaves"
          + " estimator.json, .csv and .html and pictures in the folder."
    },
    versionProvider = Commands.Versions.class,
    footerHeading = "%nExamples:%n",
    footer = {
      "  sagitta experiment estimator",
      "  sagitta experiment estimator --weights runs/c100/models/0016.safetensors \\",
      "                --dataset cifar100 --data data/cifar-100-binary --n 10,40"
    })
final class EstimatorCommand implements Callable<Integer> {
  private final Terminal terminal;

  @Mixin private StudiedModels studied;

  @Range(least = 1)
  @Option(
      names = "--samples", paramLabel = "N", defaultValue = "64",
      description = "Score the first N records (default: 64).")
  private int samples;

  @Range(above = 0, most = ScoreSettings.MOST_H)
  @Option(
      names = "--h", paramLabel = "H", split = ",", defaultValue = "1e-1,1e-2,1e-3,1e-4,1e-5",
      description = "Steps, on normalised inputs (default: 1e-1,1e-2,1e-3,1e-4,1e-5).")
  private double[] h;

  @Range(least = 4, most = ScoreSettings.MOST_N)
  @Option(
      names = "--n", paramLabel = "N", split = ",", defaultValue = "4,10,40",
      description = "Numbers of random directions a sample, each at least 4 (default: 4,10,40).")
  private int[] n;

  @Option(
      names = "--seed", paramLabel = "S", defaultValue = "0",
      description = "Seed of the directions, and of the training (default: 0).")
  private long seed;

  @Option(
      names = "--out", paramLabel = "DIR", defaultValue = "studies/estimator",
      description = "Receives the results (default: studies/estimator).")
  private Path out;

  @Mixin private DeviceOption device;
  @Mixin private CommonOptions common;

  EstimatorCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() {
    EstimatorStudy.check(h, n);
    try (Workers workers = device.openOne(terminal)) {
      StudiedData.Study study = studied.prepare(out, samples, seed, workers, terminal);
      List<StudyOutcome> outcomes =
          study.run(
              "estimator",
              (weights, listener, images) ->
                  new EstimatorStudy(weights, StepStudy.ESTIMATORS, h, n, seed, listener)
                      .run(images));
      return StudyOutput.write(
          StepStudy.report(
              study.setup(
                  "Trials",
                  "n = " + Arrays.toString(n) + ", h = " + Arrays.toString(h) + ", seed " + seed),
              outcomes),
          out, terminal);
    }
  }
}
