package io.sagitta.attack.cli;

import io.sagitta.attack.ShadowLauncher;
import io.sagitta.attack.console.Commands;
import io.sagitta.attack.console.CommonOptions;
import io.sagitta.attack.console.ExitCode;
import io.sagitta.attack.console.Terminal;
import java.util.concurrent.Callable;
import picocli.AutoComplete.GenerateCompletion;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The command {@code sagitta}. */
@Command(
    name = "sagitta",
    description = "Audits a network's privacy: trains shadow models, measures loss curvature, runs"
        + " membership-inference attacks and reports.",
    versionProvider = Commands.Versions.class,
    subcommands = {
      DemoCommand.class,
      AuditCommand.class,
      ShadowLauncher.Arguments.class,
      ScoreCommand.class,
      AttackCommand.class,
      ReportCommand.class,
      TrainCommand.class,
      ExportCommand.class,
      TargetCommand.class,
      ExperimentCommand.class,
      DevicesCommand.class,
      GenerateCompletion.class
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  sagitta demo",
      "  sagitta audit --dataset cifar100 --data data/cifar-100-binary --out runs/c100",
      "  sagitta audit --help",
      "  source <(sagitta generate-completion)    complete commands and options in bash or zsh"
    })
public final class Main implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Option(names = {"-V", "--version"}, versionHelp = true, description = "Print the versions.")
  private boolean version;

  @Mixin private CommonOptions common;

  /** Runs a command as a process. */
  public static void main(String[] arguments) {
    Commands.main(Main.class, arguments);
  }

  /**
   * Runs a command.
   *
   * @return the exit status
   */
  public static int run(Terminal terminal, String... arguments) {
    return Commands.run(Main.class, terminal, arguments);
  }

  @Override
  public Integer call() {
    spec.commandLine().usage(spec.commandLine().getErr());
    return ExitCode.USAGE.status();
  }
}
