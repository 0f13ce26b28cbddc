package io.sagitta.attack.cli;

import io.sagitta.attack.console.Commands;
import io.sagitta.attack.console.CommonOptions;
import io.sagitta.attack.console.ExitCode;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

@Command(
    name = "experiment",
    description = "Studies that look at the method itself.",
    versionProvider = Commands.Versions.class,
    subcommands = {
      MembersCommand.class,
      GaussianityCommand.class,
      ShadowCountCommand.class,
      PerturbationCommand.class,
      SizeCommand.class,
      EpsilonCommand.class,
      CostCommand.class,
      EstimatorCommand.class,
      EstimatorsCommand.class,
      PrecisionCommand.class
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  sagitta experiment members runs/c100",
      "  sagitta experiment size --dataset synthetic --sizes 50,200,800 --shadows 8",
      "  sagitta experiment precision --help"
    })
final class ExperimentCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Mixin private CommonOptions common;

  @Override
  public Integer call() {
    spec.commandLine().usage(spec.commandLine().getErr());
    return ExitCode.USAGE.status();
  }
}
