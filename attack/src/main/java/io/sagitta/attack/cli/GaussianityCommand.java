package io.sagitta.attack.cli;

import io.sagitta.attack.console.Commands;
import io.sagitta.attack.console.CommonOptions;
import io.sagitta.attack.console.Terminal;
import io.sagitta.attack.study.GaussianityStudy;
import io.sagitta.attack.study.StudiedRun;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(
    name = "gaussianity",
    description = {
      "Is log curvature Gaussian over models? Normality tests of every image, and Q-Q plots of what"
          + " is left, for models that had an image and for those that had not.",
      "Leaves gaussianity.json, .csv and .html and pictures in the folder."
    },
    versionProvider = Commands.Versions.class,
    footerHeading = "%nExamples:%n",
    footer = {
      "  sagitta experiment gaussianity runs/c100"
    })
final class GaussianityCommand implements Callable<Integer> {
  private final Terminal terminal;

  @Mixin private ScoredRun scored;

  @Mixin private CommonOptions common;

  GaussianityCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() {
    StudiedRun run = scored.read(terminal);
    return StudyOutput.write(
        ScoredRun.watched(
            "gaussianity", terminal, listener -> new GaussianityStudy(run, listener).report()),
        scored.out("gaussianity"), terminal);
  }
}
