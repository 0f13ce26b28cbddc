package io.sagitta.attack.cli;

import io.sagitta.attack.console.Terminal;
import io.sagitta.attack.run.Progress;
import io.sagitta.attack.run.Run;
import io.sagitta.attack.run.RunConfig;
import io.sagitta.attack.score.RunScores;
import io.sagitta.attack.score.ScorePrecision;
import io.sagitta.attack.score.ScoreListener;
import io.sagitta.attack.score.ScoreSettings;
import io.sagitta.attack.score.ScoredModel;
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
import io.sagitta.nn.privacy.Privacy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import java.util.function.UnaryOperator;

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
  private final Access access;
  private final List<View> views;
  private final int samples;
  private final IntFunction<Path> files;

  /**
   * How models are asked.
   *
   * @param seen what scoring is given of a model
   * @param metadata what files say of that
   */
  record Access(
      ScorePrecision precision, List<ScoreSettings> settings, UnaryOperator<ScoredModel> seen,
      Map<String, String> metadata) {
    /** The models themselves. */
    static Access direct(ScorePrecision precision, List<ScoreSettings> settings) {
      return new Access(precision, settings, UnaryOperator.identity(), Map.of());
    }
  }

  /** As the run's configuration says. */
  ScoreStep(Run run, Workers workers, Terminal terminal) {
    this(
        run, workers, terminal,
        Access.direct(run.config().scorePrecision(), settings(run.config(), workers)));
  }

  /** As another access says. */
  ScoreStep(Run run, Workers workers, Terminal terminal, Access access) {
    this(run, workers, terminal, access, run.record().pool().samples(), run::scores);
  }

  /**
   * The same, and to other files than the run's.
   *
   * @param samples the first ones of the pool
   * @param files where each model's scores go
   */
  ScoreStep(
      Run run, Workers workers, Terminal terminal, Access access, int samples,
      IntFunction<Path> files) {
    this.run = run;
    this.workers = workers;
    this.terminal = terminal;
    this.progress = terminal.progress(run.progress());
    this.access = access;
    this.views = View.first(run.config().views());
    this.samples = samples;
    this.files = files;
  }

  /**
   * How a run is scored on these devices.
   *
   * @throws IllegalArgumentException if they cannot compute as the run's configuration says
   */
  static List<ScoreSettings> settings(RunConfig config, Workers workers) {
    return config
        .scorePrecision()
        .settings(
            config.estimators(), config.h(), config.n(), config.seed(), workers::support);
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
        RunScores.metadata(access.settings, pool(), views, provenance(model));
    boolean current = RunScores.isCurrent(file, expected);
    if (!current) {
      terminal.say(
          file + ": made from other weights, in another way or by another version; made again");
    }
    return current;
  }

  private void score(int model, Backend device, Progress own) {
    own.model(model);
    access.precision.on(device, backend -> own.end(outcome(model, backend, own), Map.of()));
  }

  /** Scores and says what came of it. */
  private String outcome(int model, Backend backend, Progress own) {
    Model network = Models.create(run.modelSpec());
    try (Weights weights = Weights.load(network, backend, run.weights(model));
        Classifier classifier = Classifier.of(network, weights)) {
      RunScores.write(
          files.apply(model), access.seen.apply(ScoredModel.of(classifier)), access.settings,
          pool(), views, provenance(model), samples(own));
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
    if (run.config().privacy() != null) {
      provenance.putAll(Privacy.recorded(Safetensors.read(run.weights(model)).metadata()));
    }
    provenance.putAll(access.metadata);
    return provenance;
  }

  /** Counts samples, each once a view. */
  static ScoreListener samples(Progress progress) {
    return (done, total) ->
        progress.update((double) done / total, Map.of("samples", done + "/" + total));
  }
}
