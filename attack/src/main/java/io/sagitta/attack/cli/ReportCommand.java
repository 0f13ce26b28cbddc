package io.sagitta.attack.cli;

import io.sagitta.attack.console.Commands;
import io.sagitta.attack.console.CommonOptions;
import io.sagitta.attack.console.ExitCode;
import io.sagitta.attack.console.Terminal;
import io.sagitta.attack.methods.AttackSettings;
import io.sagitta.attack.methods.Mode;
import io.sagitta.attack.run.Run;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "report",
    description = "Write a run's report.html and plots, and the figures they show.",
    versionProvider = Commands.Versions.class,
    footerHeading = "%nExamples:%n",
    footer = {
      "  sagitta report runs/c100",
      "  sagitta report runs/c100 --data /mnt/cifar-100-binary"
    })
final class ReportCommand implements Callable<Integer> {
  private final Terminal terminal;

  @Parameters(paramLabel = "RUN", description = "The run folder, with scores.")
  private Path folder;

  @Option(
      names = "--data", paramLabel = "PATH",
      description = "Where the images are now (default: where they were). Without them none are"
          + " shown, and the model-free baseline is left out.")
  private Path data;

  @Mixin private CommonOptions common;

  ReportCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() {
    try (Run run = Run.existing(folder, data)) {
      if (data != null) {
        // Images that were lost are done without; a wrong path is not what was asked for.
        run.pool();
      }
      Steps steps = new Steps(run, terminal);
      steps.report(steps.attack(AttackSettings.of(EnumSet.allOf(Mode.class))));
      return ExitCode.OK.status();
    }
  }
}
