package io.sagitta.attack.cli;

import io.sagitta.attack.console.Commands;
import io.sagitta.attack.console.CommonOptions;
import io.sagitta.attack.console.DeviceOption;
import io.sagitta.attack.console.Range;
import io.sagitta.attack.console.Terminal;
import io.sagitta.attack.score.Estimator;
import io.sagitta.attack.score.ScoreSettings;
import io.sagitta.attack.study.CostStudy;
import io.sagitta.attack.study.EstimatorStudy;
import io.sagitta.attack.work.Workers;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "cost",
    description = {
      "How do cost and error of the estimators grow with the network's size, and with the number of"
          + " directions? Trains a network for each width first.",
      "Leaves cost.json, .csv and .html, pictures, and the networks."
    },
    versionProvider = Commands.Versions.class,
    footerHeading = "%nExamples:%n",
    footer = {
      "  sagitta experiment cost",
      "  sagitta experiment cost --dataset cifar100 --data data/cifar-100-binary \\",
      "                --widths 8,16,32,64 --estimators zo,hutchinson --n 10,40 --out studies/cost"
    })
final class CostCommand implements Callable<Integer> {
  private final Terminal terminal;

  @Mixin private StudiedData studied;

  @Range(least = 1)
  @Option(
      names = "--widths", paramLabel = "W", split = ",", defaultValue = "4,8,16,32",
      description = "Widths of the networks (default: 4,8,16,32).")
  private int[] widths;

  @Option(
      names = "--estimators", paramLabel = "NAME", split = ",",
      description = "Which estimators: zo, zo-trace, hutchinson, hutch++, gradient-norm; the exact"
          + " one is always there (default: all).")
  private List<String> estimators = List.of();

  @Range(least = 4, most = ScoreSettings.MOST_N)
  @Option(
      names = "--n", paramLabel = "N", split = ",", defaultValue = "4,16",
      description = "Numbers of random directions a sample, each at least 4 (default: 4,16).")
  private int[] n;

  @Range(above = 0, most = ScoreSettings.MOST_H)
  @Option(
      names = "--h", paramLabel = "H", defaultValue = "1e-3",
      description = "Scale of stencils and steps, on normalised inputs (default: 1e-3).")
  private double h;

  @Range(least = 1)
  @Option(
      names = "--samples", paramLabel = "N", defaultValue = "32",
      description = "Score the first N records (default: 32).")
  private int samples;

  @Option(
      names = "--seed", paramLabel = "S", defaultValue = "0",
      description = "Seed of the directions, and of the training (default: 0).")
  private long seed;

  @Option(
      names = "--out", paramLabel = "DIR", defaultValue = "studies/cost",
      description = "Receives the results (default: studies/cost).")
  private Path out;

  @Mixin private DeviceOption device;
  @Mixin private CommonOptions common;

  CostCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() {
    EstimatorStudy.check(new double[] {h}, n);
    List<Estimator> chosen =
        estimators.isEmpty()
            ? EstimatorStudy.ESTIMATORS
            : estimators.stream().map(Estimator::of).filter(e -> e != Estimator.EXACT).toList();
    CostStudy study = new CostStudy();
    Map<String, String> setup = new LinkedHashMap<>();
    try (Workers workers = device.openOne(terminal)) {
      for (int width : widths) {
        StudiedData.Study one =
            studied.prepare(
                List.of(), width, out, "width-" + width + ".safetensors", samples, seed, workers,
                terminal);
        study.add(
            width, one.model().trainableCount(),
            one.run(
                "cost, width " + width,
                (weights, listener, images) ->
                    CostStudy.run(weights, chosen, h, n, seed, listener, images)));
        String training = setup.getOrDefault("Training", "");
        setup.putAll(
            one.setup(
                "Trials", "n = " + Arrays.toString(n) + ", h = " + h + ", seed " + seed));
        setup.put(
            "Training",
            (training.isEmpty() ? "" : training + "; ") + "width " + width + ": "
                + one.setup().get("Training"));
        setup.put("Network", one.model().spec() + ", and widths " + Arrays.toString(widths));
      }
      return StudyOutput.write(study.report(setup), out, terminal);
    }
  }
}
