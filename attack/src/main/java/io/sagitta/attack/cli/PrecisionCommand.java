package io.sagitta.attack.cli;

import io.sagitta.attack.console.Commands;
import io.sagitta.attack.console.CommonOptions;
import io.sagitta.attack.console.DeviceOption;
import io.sagitta.attack.console.Range;
import io.sagitta.attack.console.Terminal;
import io.sagitta.attack.score.ScoreSettings;
import io.sagitta.attack.study.PrecisionStudy;
import io.sagitta.attack.study.StudyOutcome;
import io.sagitta.attack.work.Workers;
import java.nio.file.Path;
import java.util.List;
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
      "  sagitta experiment precision",
      "  sagitta experiment precision --weights torch.safetensors --arch resnet18 \\",
      "                --dataset cifar100 --data data/cifar-100-binary --samples 256"
    })
final class PrecisionCommand implements Callable<Integer> {
  private final Terminal terminal;

  @Mixin private StudiedModels studied;

  @Range(least = 1)
  @Option(
      names = "--samples", paramLabel = "N", defaultValue = "256",
      description = "Score the first N records (default: 256).")
  private int samples;

  @Range(above = 0, most = ScoreSettings.MOST_H)
  @Option(
      names = "--h", paramLabel = "H", defaultValue = "1e-3",
      description = "Scale of the stencil, on normalised inputs (default: 1e-3).")
  private double h;

  @Range(least = 1, most = ScoreSettings.MOST_N)
  @Option(
      names = "--n", paramLabel = "N", defaultValue = "10",
      description = "Random directions a sample (default: 10).")
  private int n;

  @Option(
      names = "--seed", paramLabel = "S", defaultValue = "0",
      description = "Seed of the directions, and of the training (default: 0).")
  private long seed;

  @Option(
      names = "--out", paramLabel = "DIR", defaultValue = "studies/precision",
      description = "Receives the results (default: studies/precision).")
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
      StudiedData.Study study = studied.prepare(out, samples, seed, workers, terminal);
      List<StudyOutcome> outcomes =
          study.run(
              "precision",
              (weights, listener, images) ->
                  new PrecisionStudy(weights, h, n, seed, listener).run(images));
      Map<String, String> setup =
          study.setup("Stencil", "zero-order, n = " + n + ", h = " + h + ", seed " + seed);
      return StudyOutput.write(PrecisionStudy.report(setup, outcomes), out, terminal);
    }
  }
}
