package io.sagitta.attack.cli;

import io.sagitta.attack.console.Commands;
import io.sagitta.attack.console.CommonOptions;
import io.sagitta.attack.console.ExitCode;
import io.sagitta.attack.console.Terminal;
import io.sagitta.attack.methods.AttackResults;
import io.sagitta.attack.methods.AttackRun;
import io.sagitta.attack.methods.Attacks;
import io.sagitta.attack.methods.Mode;
import io.sagitta.attack.report.Reports;
import io.sagitta.attack.run.Run;
import io.sagitta.attack.run.ScoreFiles;
import io.sagitta.attack.run.ScoreSet;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "attack",
    description = {
      "Attack a run's targets, or those of scores made elsewhere.",
      "Score files hold curv_zo, loss, prob_true, prob_max and logit as [views, samples], F32 or"
          + " F64, one file a model (0007.safetensors); masks hold members U8 [models, samples] and"
          + " labels I64 [samples]."
    },
    versionProvider = Commands.Versions.class,
    footerHeading = "%nExamples:%n",
    footer = {
      "  sagitta attack runs/c100",
      "  sagitta attack --masks masks.safetensors --scores scores --targets 64,65,66 \\",
      "                 --mode paper --out results"
    })
final class AttackCommand implements Callable<Integer> {
  private final Terminal terminal;

  @Parameters(arity = "0..1", paramLabel = "RUN", description = "The run folder, with scores.")
  private Path folder;

  @Option(
      names = "--masks", paramLabel = "FILE",
      description = "Without RUN: which model was trained on which sample.")
  private Path masks;

  @Option(
      names = "--scores", paramLabel = "DIR", description = "Without RUN: the folder of scores.")
  private Path scores;

  @Option(
      names = "--targets", paramLabel = "I", split = ",",
      description = "Without RUN: the models attacked; all others are shadows.")
  private int[] targets;

  @Option(names = "--out", paramLabel = "DIR", description = "Without RUN: where results go.")
  private Path out;

  @Option(
      names = "--mode", paramLabel = "MODE", defaultValue = "both",
      description = "paper, the published arithmetic; corrected; or both (default: both).")
  private String mode;

  @Mixin private CommonOptions common;

  AttackCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() {
    Set<Mode> modes = modes(mode);
    Findings findings = folder == null ? attackElsewhere(modes) : attackRun(modes);
    ResultTable.print(findings, terminal.out());
    return ExitCode.OK.status();
  }

  private Findings attackRun(Set<Mode> modes) {
    if (masks != null || scores != null || targets != null || out != null) {
      throw new IllegalArgumentException(
          "attack: expected RUN, or --masks, --scores, --targets and --out; got both");
    }
    try (Run run = Run.existing(folder, null)) {
      return new Steps(run, terminal).attack(modes);
    }
  }

  private Findings attackElsewhere(Set<Mode> modes) {
    if (masks == null || scores == null || targets == null || out == null) {
      throw new IllegalArgumentException(
          "attack: expected RUN, or all of --masks, --scores, --targets and --out");
    }
    ScoreSet read = ScoreFiles.read(masks, scores, Attacks.signals(Attacks.ALL, modes));
    AttackResults results = AttackRun.evaluate(read, targets, modes);
    Findings findings = new Findings(results, RunInfos.of(masks, scores, read, targets));
    Reports.write(out, results, findings.info());
    terminal.out().println("Report: " + out.resolve("report.html"));
    return findings;
  }

  private static Set<Mode> modes(String name) {
    if (name.equals("both")) {
      return EnumSet.allOf(Mode.class);
    }
    return Arrays.stream(Mode.values())
        .filter(mode -> mode.id().equals(name))
        .findFirst()
        .map(EnumSet::of)
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "--mode: expected paper, corrected or both, got '" + name + "'"));
  }
}
