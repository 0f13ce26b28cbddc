package io.sagitta.attack.cli;

import io.sagitta.attack.console.Commands;
import io.sagitta.attack.console.CommonOptions;
import io.sagitta.attack.console.ExitCode;
import io.sagitta.attack.console.Terminal;
import io.sagitta.attack.methods.AttackResults;
import io.sagitta.attack.methods.AttackRun;
import io.sagitta.attack.methods.AttackSettings;
import io.sagitta.attack.methods.Attacks;
import io.sagitta.attack.report.Reports;
import io.sagitta.attack.run.Run;
import io.sagitta.attack.run.ScoreFiles;
import io.sagitta.attack.run.ScoreSet;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "attack",
    description = {
      "Attack a run's targets, or those of scores made elsewhere.",
      "Score files hold some of curv_zo, curv_exact, curv_trace, loss, prob_true, prob_max, logit"
          + " and mentr as [views, samples], F32 or F64, one file a model (0007.safetensors); masks"
          + " hold members U8 [models, samples] and labels I64 [samples].",
      "The metadata of score files may say how each model was trained (architecture, optimizer,"
          + " epochs, lr, weight_decay, augment, loss_function and the like): a target that differs"
          + " from the shadows is reported, as is one whose losses do."
    },
    versionProvider = Commands.Versions.class,
    footerHeading = "%nExamples:%n",
    footer = {
      "  sagitta attack runs/c100",
      "  sagitta attack --masks masks.safetensors --scores scores --targets 64,65,66 \\",
      "                 --mode paper --out results",
      "  sagitta attack runs/c100 --attacks lira,joint --mode corrected --shadows-used 8 \\",
      "                 --variance global --views all"
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
      description = "Without RUN: the models attacked; all others are shadows, but for one that was"
          + " trained on exactly what a target was not.")
  private int[] targets;

  @Option(names = "--out", paramLabel = "DIR", description = "Without RUN: where results go.")
  private Path out;

  @Mixin private AttackOptions options;

  @Mixin private CommonOptions common;

  AttackCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() {
    AttackSettings settings = options.settings();
    Findings findings = folder == null ? attackElsewhere(settings) : attackRun(settings);
    ResultTable.print(findings, terminal.out());
    return ExitCode.OK.status();
  }

  private Findings attackRun(AttackSettings settings) {
    if (masks != null || scores != null || targets != null || out != null) {
      throw new IllegalArgumentException(
          "attack: expected RUN, or --masks, --scores, --targets and --out; got both");
    }
    try (Run run = Run.existing(folder, null)) {
      return new Steps(run, terminal).attack(settings);
    }
  }

  private Findings attackElsewhere(AttackSettings settings) {
    if (masks == null || scores == null || targets == null || out == null) {
      throw new IllegalArgumentException(
          "attack: expected RUN, or all of --masks, --scores, --targets and --out");
    }
    ScoreSet read =
        ScoreFiles.read(masks, scores, Attacks.signals(Attacks.ALL, settings.modes()));
    AttackResults results = AttackRun.evaluate(read, targets, settings, terminal::check);
    Findings findings = new Findings(results, RunInfos.of(masks, scores, read, targets));
    terminal.check();
    Reports.write(out, results, findings.info());
    terminal.out().println("Report: " + out.resolve("report.html"));
    return findings;
  }
}
