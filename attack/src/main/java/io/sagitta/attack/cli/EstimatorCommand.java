package io.sagitta.attack.cli;

import io.sagitta.attack.console.Commands;
import io.sagitta.attack.console.Range;
import io.sagitta.attack.console.Terminal;
import io.sagitta.attack.score.ScoreSettings;
import io.sagitta.attack.study.StepStudy;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
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
final class EstimatorCommand extends EstimatorComparison implements Callable<Integer> {
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
      names = "--out", paramLabel = "DIR", defaultValue = "studies/estimator",
      description = "Receives the results (default: studies/estimator).")
  private Path out;

  EstimatorCommand(Terminal terminal) {
    super(terminal);
  }

  @Override
  public Integer call() {
    return run("estimator", StepStudy.ESTIMATORS, h, n, out, StepStudy::report);
  }
}
