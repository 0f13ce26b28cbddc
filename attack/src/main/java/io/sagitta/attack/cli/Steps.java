package io.sagitta.attack.cli;

import io.sagitta.attack.ShadowLauncher;
import io.sagitta.attack.console.PrivacyNotice;
import io.sagitta.attack.console.Terminal;
import io.sagitta.attack.methods.AttackResults;
import io.sagitta.attack.methods.AttackRun;
import io.sagitta.attack.methods.AttackSettings;
import io.sagitta.attack.methods.Attacks;
import io.sagitta.attack.methods.Mode;
import io.sagitta.attack.report.Reports;
import io.sagitta.attack.run.ExternalTarget;
import io.sagitta.attack.run.Run;
import io.sagitta.attack.run.RunConflictException;
import io.sagitta.attack.run.ScoreFiles;
import io.sagitta.attack.run.ScoreSet;
import io.sagitta.attack.score.RunScores;
import io.sagitta.attack.shadow.AllDivergedException;
import io.sagitta.attack.shadow.Divergence;
import io.sagitta.attack.study.StudiedRun;
import io.sagitta.attack.work.Machines;
import io.sagitta.nn.io.BadFileException;
import io.sagitta.nn.io.Safetensors;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;

/** The four steps of an audit on a run that is open; each does what is not done yet. */
final class Steps {
  private final Run run;
  private final Terminal terminal;

  Steps(Run run, Terminal terminal) {
    this.run = run;
    this.terminal = terminal;
  }

  /** Trains. */
  void shadows(Machines machines) {
    PrivacyNotice.say(terminal, run.modelSpec(), run.promise());
    ShadowLauncher.launch(run, machines, terminal.progress(run.progress()), null)
        .diverged()
        .forEach(d -> terminal.say("model " + d.model() + ": " + d.message()));
  }

  /** Scores every trained model. */
  void score(Machines machines) {
    int[] missing =
        models().filter(m -> !run.hasWeights(m) && !Files.exists(run.diverged(m))).toArray();
    if (missing.length > 0) {
      throw new BadFileException(
          run.weights(missing[0]),
          "expected weights, found none; " + missing.length + " models are not trained yet:"
              + " 'sagitta shadows " + run.folder() + "' trains them");
    }
    scoreTrained(machines);
  }

  /** Scores the models that are trained so far. */
  void scoreTrained(Machines machines) {
    new ScoreStep(run, machines, terminal)
        .score(trained().stream().filter(run::hasWeights).toList());
  }

  /**
   * Attacks every target whose training did not diverge, and every external one that is scored.
   *
   * @throws AllDivergedException if there is none
   * @throws BadFileException if a model that did not diverge has no scores
   */
  Findings attack(AttackSettings settings) {
    int[] targets = targets();
    ScoreSet scores = scores(settings.modes());
    AttackResults results = AttackRun.evaluate(scores, targets, settings, terminal::check);
    Findings findings =
        new Findings(results, RunInfos.of(run, scores, targets, terminal::check));
    terminal.check();
    Reports.writeFigures(run.folder(), results, findings.info());
    return findings;
  }

  /** Writes the page and its pictures. */
  void report(Findings findings) {
    terminal.check();
    Reports.writePage(run.folder(), findings.results(), findings.info());
    terminal.out().println("Report: " + run.folder().resolve("report.html"));
  }

  /**
   * All models' scores, for studies.
   *
   * @throws BadFileException if a model that did not diverge has no scores
   */
  StudiedRun studied() {
    return new StudiedRun(
        scores(EnumSet.allOf(Mode.class)), targets(), RunInfos.setup(run));
  }

  /** The models whose training diverged, or that gave no finite scores. */
  List<Divergence> diverged() {
    return Divergence.all(run);
  }

  /** The models whose training did not diverge and that were not left out of scoring. */
  List<Integer> trained() {
    return models().filter(m -> !Files.exists(run.diverged(m))).boxed().toList();
  }

  /**
   * The targets among them.
   *
   * @throws AllDivergedException if there is none
   */
  int[] targets() {
    int[] targets =
        IntStream.concat(
                Arrays.stream(run.config().targetModels())
                    .filter(target -> !Files.exists(run.diverged(target))),
                run.externals().stream().mapToInt(ExternalTarget::model).filter(this::isScored))
            .toArray();
    if (targets.length == 0) {
      throw new AllDivergedException(
          run.folder() + ": expected a target to attack, found none: " + String.join("; ", lost()));
    }
    return targets;
  }

  /** Why each target is none to attack. */
  private List<String> lost() {
    List<String> lost = new ArrayList<>();
    for (Divergence divergence : diverged()) {
      if (divergence.model() >= run.config().shadows()) {
        lost.add("model " + divergence.model() + ": " + divergence.message());
      }
    }
    for (ExternalTarget external : run.externals()) {
      lost.add(external.name() + ", model " + external.model() + ": there are no scores");
    }
    return lost;
  }

  private ScoreSet scores(Set<Mode> modes) {
    trained().forEach(this::requireScores);
    return ScoreFiles.read(
        run.masks(), run.folder().resolve("scores"), Attacks.signals(Attacks.ALL, modes));
  }

  /** There, of this run, and made from the weights that are there now. */
  private void requireScores(int model) {
    Path file = run.scores(model);
    if (!Files.exists(file)) {
      throw new BadFileException(
          file,
          "expected scores, found none; 'sagitta score " + run.folder() + "' makes them");
    }
    Map<String, String> metadata = Safetensors.read(file).metadata();
    run.requireOwn(file, metadata);
    String samples = Integer.toString(run.scoredSamples());
    if (!metadata.getOrDefault(RunScores.SAMPLES_KEY, samples).equals(samples)) {
      throw new RunConflictException(
          file + ": a stale file: expected scores of " + samples + " samples as in run.json, found "
              + metadata.get(RunScores.SAMPLES_KEY) + "; 'sagitta score " + run.folder()
              + "' makes it again");
    }
    String made = metadata.get(ScoreStep.WEIGHTS_KEY);
    if (run.hasWeights(model) && !run.weightsHash(model).equals(made)) {
      throw new RunConflictException(
          file + ": a stale file, made from other weights than " + run.weights(model)
              + "; 'sagitta score " + run.folder() + "' makes it again");
    }
  }

  /** An external target whose scoring did not come to its end is left out, and said to be. */
  private boolean isScored(int external) {
    boolean scored = Files.exists(run.scores(external));
    if (!scored) {
      terminal.say(
          "model " + external + ", an external target, is left out: it has no scores yet;"
              + " 'sagitta target' makes them");
    }
    return scored;
  }

  private IntStream models() {
    return IntStream.range(0, run.config().models());
  }
}
