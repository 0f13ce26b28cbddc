package io.sagitta.attack.cli;

import io.sagitta.attack.console.Terminal;
import io.sagitta.attack.run.Progress;
import io.sagitta.attack.run.Run;
import io.sagitta.attack.run.RunConfig;
import io.sagitta.attack.score.Estimator;
import io.sagitta.attack.score.ModelScorer;
import io.sagitta.attack.score.RunScores;
import io.sagitta.attack.score.ScoreListener;
import io.sagitta.attack.score.ScoreSettings;
import io.sagitta.attack.score.View;
import io.sagitta.attack.shadow.Divergence;
import io.sagitta.attack.work.Workers;
import io.sagitta.kernels.Backend;
import io.sagitta.nn.data.ImageDataset;
import io.sagitta.nn.io.Safetensors;
import io.sagitta.nn.models.Classifier;
import io.sagitta.nn.models.Model;
import io.sagitta.nn.models.Models;
import io.sagitta.nn.models.Weights;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;

/**
 * Scores a run's models, as the run is scored or as a study asks; a score file is there whole or
 * not at all.
 */
final class ScoreStep {
  /** The metadata key that names the weights a score file was made from. */
  static final String WEIGHTS_KEY = "weights_hash";

  private final Run run;
  private final Workers workers;
  private final Terminal terminal;
  private final Progress progress;
  private final ScoreSettings settings;
  private final List<View> views;
  private final int samples;
  private final IntFunction<Path> files;

  ScoreStep(Run run, Workers workers, Terminal terminal) {
    this(
        run, workers, terminal, settings(run.config(), workers), run.record().pool().samples(),
        run::scores);
  }

  /**
   * Scores otherwise, and to other files, than the run is scored.
   *
   * @param samples the first ones of the pool
   * @param files where each model's scores go
   */
  ScoreStep(
      Run run, Workers workers, Terminal terminal, ScoreSettings settings, int samples,
      IntFunction<Path> files) {
    this.run = run;
    this.workers = workers;
    this.terminal = terminal;
    this.progress = terminal.progress(run.progress());
    this.settings = settings;
    this.views = View.first(run.config().views());
    this.samples = samples;
    this.files = files;
  }

  /**
   * How a run is scored on these devices.
   *
   * @throws IllegalArgumentException if they cannot compute as the run's configuration says
   */
  static ScoreSettings settings(RunConfig config, Workers workers) {
    return settings(config, config.h(), config.n(), workers);
  }

  /** The same with another step and another number of trials. */
  static ScoreSettings settings(RunConfig config, double h, int n, Workers workers) {
    return config
        .scorePrecision()
        .settings(Estimator.ZO, h, n, config.seed(), workers::support);
  }

  /** Scores those of the models whose score files are missing or made from something else. */
  void score(List<Integer> models) {
    List<Integer> pending = new ArrayList<>();
    for (int model : models) {
      if (!isDone(model)) {
        pending.add(model);
      }
    }
    progress.begin("score", pending.size(), models.size() - pending.size());
    try {
      workers.each(pending, progress, this::score);
    } finally {
      progress.finish();
    }
  }

  private boolean isDone(int model) {
    Path file = files.apply(model);
    if (!Files.exists(file)) {
      return false;
    }
    run.requireOwn(file, Safetensors.read(file).metadata());
    Map<String, String> expected =
        RunScores.metadata(settings, pool(), views, provenance(model));
    boolean current = RunScores.isCurrent(file, expected);
    if (!current) {
      terminal.say(
          file + ": made from other weights, in another way or by another version; made again");
    }
    return current;
  }

  private void score(int model, Backend device, Progress own) {
    own.model(model);
    run.config()
        .scorePrecision()
        .on(device, backend -> own.end(outcome(model, backend, own), Map.of()));
  }

  /** Scores and says what came of it. */
  private String outcome(int model, Backend backend, Progress own) {
    Model network = Models.create(run.modelSpec());
    try (Weights weights = Weights.load(network, backend, run.weights(model));
        Classifier classifier = Classifier.of(network, weights)) {
      ModelScorer scorer = new ModelScorer(classifier, settings, samples(own));
      RunScores.write(files.apply(model), scorer, pool(), views, provenance(model));
      return "scored";
    } catch (ArithmeticException e) {
      Divergence.recordInScoring(run, model, e.getMessage());
      return "left out: " + e.getMessage();
    }
  }

  private ImageDataset pool() {
    return run.pool().first(samples);
  }

  private Map<String, String> provenance(int model) {
    Map<String, String> provenance = run.metadata();
    provenance.put("model", Integer.toString(model));
    provenance.put(WEIGHTS_KEY, run.weightsHash(model));
    return provenance;
  }

  /** Counts samples, each once a view. */
  static ScoreListener samples(Progress progress) {
    return (done, total) ->
        progress.update((double) done / total, Map.of("samples", done + "/" + total));
  }
}
