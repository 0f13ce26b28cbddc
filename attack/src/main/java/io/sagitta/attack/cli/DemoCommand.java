package io.sagitta.attack.cli;

import io.sagitta.attack.console.Commands;
import io.sagitta.attack.console.CommonOptions;
import io.sagitta.attack.console.DeviceOption;
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
  /** Small, but large enough that the models memorise and every attack finds something. */
  private static final RunConfig CONFIG =
      RunConfig.builder(Datasets.Kind.SYNTHETIC)
          .trainSamples(600)
          .width(8)
          .shadows(8)
          .epochs(30)
          .batch(32)
          .build();

  private final Terminal terminal;

  @Option(
      names = "--out", paramLabel = "RUN", defaultValue = "runs/demo",
      description = "The run folder (default: runs/demo).")
  private Path folder;

  @Mixin private DeviceOption device;
  @Mixin private CommonOptions common;

  DemoCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() {
    try (Workers workers = device.open(terminal)) {
      terminal.say(
          "Demo: " + CONFIG.models() + " models of " + CONFIG.architecture() + ", each trained on a"
              + " half of " + CONFIG.trainSamples() + " procedural images; then attacked.");
      return Audit.run(folder, recorded -> CONFIG, null, workers, terminal);
    }
  }
}
