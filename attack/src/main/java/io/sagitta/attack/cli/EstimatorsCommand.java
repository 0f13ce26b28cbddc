package io.sagitta.attack.cli;

import io.sagitta.attack.console.Commands;
import io.sagitta.attack.console.Range;
import io.sagitta.attack.console.Terminal;
import io.sagitta.attack.score.ScoreSettings;
import io.sagitta.attack.study.EstimatorStudy;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
    name = "estimators",
    description = {
      "How far is each estimator of curvature from the exact trace or Frobenius norm of the input"
          + " Hessian, with few trials and with many, and how fast is it?",
      "Without --weights a network is trained first, and kept as model.safetensors. Leaves"
          + " estimators.json, estimators.csv and estimators.html in the folder."
    },
    versionProvider = Commands.Versions.class,
    footerHeading = "%nExamples:%n",
    footer = {
      "  sagitta experiment estimators",
      "  sagitta experiment estimators --weights torch.safetensors --arch resnet18 \\",
      "                --dataset cifar100 --data data/cifar-100-binary --n 4,16,64 --out estimators"
    })
final class EstimatorsCommand extends EstimatorComparison implements Callable<Integer> {
  @Range(above = 0, most = ScoreSettings.MOST_H)
  @Option(
      names = "--h", paramLabel = "H", split = ",", defaultValue = "1e-3,1e-5",
      description = "Scales of stencils and steps, on normalised inputs (default: 1e-3,1e-5).")
  private double[] h;

  @Range(least = 4, most = ScoreSettings.MOST_N)
  @Option(
      names = "--n", paramLabel = "N", split = ",", defaultValue = "4,16,64",
      description = "Numbers of random directions a sample, each at least 4 (default: 4,16,64).")
  private int[] n;

  @Option(
      names = "--out", paramLabel = "DIR", defaultValue = "studies/estimators",
      description = "Receives the results (default: studies/estimators).")
  private Path out;

  EstimatorsCommand(Terminal terminal) {
    super(terminal);
  }

  @Override
  public Integer call() {
    return run("estimators", EstimatorStudy.ESTIMATORS, h, n, out, EstimatorStudy::report);
  }
}
