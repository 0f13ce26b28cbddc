package io.sagitta.attack.cli;

import io.sagitta.attack.console.Commands;
import io.sagitta.attack.console.CommonOptions;
import io.sagitta.attack.console.Terminal;
import io.sagitta.attack.study.MembersStudy;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(
    name = "members",
    description = {
      "Do members lie lower? Medians, Mann-Whitney and effect size of curvature and loss, of every"
          + " model and view of a run.",
      "Leaves members.json, .csv and .html and pictures in the folder."
    },
    versionProvider = Commands.Versions.class,
    footerHeading = "%nExamples:%n",
    footer = {
      "  sagitta experiment members runs/c100"
    })
final class MembersCommand implements Callable<Integer> {
  private final Terminal terminal;

  @Mixin private ScoredRun scored;

  @Mixin private CommonOptions common;

  MembersCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() {
    return StudyOutput.write(
        MembersStudy.report(scored.read(terminal)), scored.out("members"), terminal);
  }
}
