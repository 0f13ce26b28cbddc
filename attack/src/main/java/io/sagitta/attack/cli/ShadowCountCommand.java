package io.sagitta.attack.cli;

import io.sagitta.attack.console.Commands;
import io.sagitta.attack.console.CommonOptions;
import io.sagitta.attack.console.Range;
import io.sagitta.attack.console.Terminal;
import io.sagitta.attack.study.Evaluations;
import io.sagitta.attack.study.ShadowsStudy;
import io.sagitta.attack.study.StudiedRun;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "shadows",
    description = {
      "How many shadow models does an audit need? AUROC of the attacks with 2, 4, 8, ... of a run's"
          + " shadows, from its scores.",
      "Leaves shadows.json, .csv and .html and pictures in the folder."
    },
    versionProvider = Commands.Versions.class,
    footerHeading = "%nExamples:%n",
    footer = {
      "  sagitta experiment shadows runs/c100",
      "  sagitta experiment shadows runs/c100 --attacks curv-zo-lr,lira --subsets 20"
    })
final class ShadowCountCommand implements Callable<Integer> {
  private final Terminal terminal;

  @Mixin private ScoredRun scored;

  @Option(
      names = "--attacks", paramLabel = "NAME", split = ",",
      description = "Which attacks (default: one of each kind).")
  private List<String> attacks = new ArrayList<>();

  @Range(least = 1, most = 10_000)
  @Option(
      names = "--subsets", paramLabel = "N", defaultValue = "8",
      description = "Random choices of shadows for each number of them (default: 8).")
  private int subsets;

  @Option(
      names = "--seed", paramLabel = "S", defaultValue = "0",
      description = "Seed of the choices (default: 0).")
  private long seed;

  @Mixin private CommonOptions common;

  ShadowCountCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() {
    StudiedRun run = scored.read(terminal);
    return StudyOutput.write(
        ScoredRun.watched(
            "shadows", terminal,
            listener ->
                new ShadowsStudy(run, Evaluations.attacks(attacks), subsets, seed, listener)
                    .report()),
        scored.out("shadows"), terminal);
  }
}
