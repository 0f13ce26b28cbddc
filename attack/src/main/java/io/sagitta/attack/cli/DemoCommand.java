package io.sagitta.attack.cli;

import io.sagitta.attack.console.Commands;
import io.sagitta.attack.console.CommonOptions;
import io.sagitta.attack.console.DeviceOption;
import io.sagitta.attack.console.Range;
import io.sagitta.attack.console.Terminal;
import io.sagitta.attack.run.RunConfig;
import io.sagitta.attack.work.Workers;
import io.sagitta.nn.data.Datasets;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "demo",
    description = "A small audit on procedural data: no download, a few minutes at most.",
    versionProvider = Commands.Versions.class,
    footerHeading = "%nExamples:%n",
    footer = {"  sagitta demo", "  sagitta demo --out runs/first"})
final class DemoCommand implements Callable<Integer> {
  private final Terminal terminal;

  @Option(
      names = "--out", paramLabel = "RUN", defaultValue = "runs/demo",
      description = "The run folder (default: runs/demo).")
  private Path folder;

  @Range(least = 2)
  @Option(
      names = "--train-samples", paramLabel = "N", defaultValue = "600",
      description = "Images (default: 600). Few are quick, and attacks then find little.")
  private int trainSamples;

  @Range(least = 1)
  @Option(
      names = "--epochs", paramLabel = "N", defaultValue = "30",
      description = "Epochs of training (default: 30); the same holds.")
  private int epochs;

  @Mixin private DeviceOption device;
  @Mixin private CommonOptions common;

  DemoCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() {
    RunConfig config = config();
    try (Workers workers = device.open(terminal)) {
      terminal.say(
          "Demo: " + config.models() + " models of " + config.architecture() + ", each trained on a"
              + " half of " + config.trainSamples() + " procedural images; then attacked.");
      return Audit.run(folder, recorded -> config, null, workers, terminal);
    }
  }

  /** Small, but by default large enough that models memorise and every attack finds something. */
  private RunConfig config() {
    return RunConfig.builder(Datasets.Kind.SYNTHETIC)
        .trainSamples(trainSamples)
        .width(8)
        .shadows(8)
        .epochs(epochs)
        .batch(32)
        .build();
  }
}
