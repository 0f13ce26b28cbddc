package io.sagitta.attack.cli;

import io.sagitta.attack.console.AtOnceOption;
import io.sagitta.attack.console.Commands;
import io.sagitta.attack.console.CommonOptions;
import io.sagitta.attack.console.MachineOptions;
import io.sagitta.attack.console.RunOptions;
import io.sagitta.attack.console.Terminal;
import io.sagitta.attack.work.Machines;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "audit",
    description = "Do everything: train the models, score every sample, attack, report. Stopped at"
        + " any moment, the same command continues.",
    versionProvider = Commands.Versions.class,
    footerHeading = "%nExamples:%n",
    footer = {
      "  sagitta audit --dataset cifar100 --data data/cifar-100-binary --out runs/c100",
      "  sagitta audit --dataset cifar10 --data cifar-10-binary.tar.gz --train-samples 5000 \\",
      "                --shadows 32 --targets 3 --out runs/c10",
      "  sagitta audit --out runs/c100            go on with what is there"
    })
final class AuditCommand implements Callable<Integer> {
  private final Terminal terminal;

  @Option(
      names = "--out", paramLabel = "RUN", required = true,
      description = "The run folder; made if it is not there.")
  private Path folder;

  @Mixin private RunOptions options;
  @Mixin private MachineOptions machines;
  @Mixin private AtOnceOption atOnce;
  @Mixin private CommonOptions common;

  AuditCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() {
    try (Machines opened = machines.open(terminal, atOnce)) {
      return Audit.run(folder, options::over, options.data(), opened, terminal);
    }
  }
}
