package io.sagitta.attack.cli;

import io.sagitta.attack.run.Progress;
import io.sagitta.attack.run.Run;
import io.sagitta.attack.score.NotFiniteException;
import io.sagitta.attack.score.RunScores;
import io.sagitta.attack.score.ScoredModel;
import io.sagitta.attack.score.View;
import io.sagitta.attack.shadow.Divergence;
import io.sagitta.kernels.Backend;
import io.sagitta.kernels.Precision;
import io.sagitta.nn.data.ImageDataset;
import io.sagitta.nn.io.Safetensors;
import io.sagitta.nn.models.Classifier;
import io.sagitta.nn.models.Model;
import io.sagitta.nn.models.Models;
import io.sagitta.nn.models.Weights;
import io.sagitta.nn.privacy.Privacy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.IntFunction;

/** Scores single models of a run, on this machine or on one that was handed some. */
final class ModelScoring {
  /** What a model's score file is found to be. */
  enum State { MISSING, STALE, DONE }

  private final Run run;
  private final ScoreStep.Access access;
  private final List<View> views;
  private final int samples;
  private final IntFunction<Path> files;
  private final boolean ofRun;

  /**
   * Other scores than the run's configuration asks for: a model that gives no finite numbers is an
   * error then, and no reason to leave it out of the run.
   *
   * @param samples the first ones of the pool
   * @param files where each model's scores go
   */
  ModelScoring(Run run, ScoreStep.Access access, int samples, IntFunction<Path> files) {
    this(run, access, samples, files, false);
  }

  private ModelScoring(
      Run run, ScoreStep.Access access, int samples, IntFunction<Path> files, boolean ofRun) {
    this.ofRun = ofRun;
    this.run = run;
    this.access = access;
    this.views = View.first(run.config().views());
    this.samples = samples;
    this.files = files;
  }

  /**
   * As the run's configuration says.
   *
   * @param supported what every device of the run can compute in
   */
  static ModelScoring of(Run run, Set<Precision> supported) {
    ScoreStep.Access access =
        ScoreStep.Access.direct(
            run.config().scorePrecision(),
            ScoreStep.settings(run.config(), supported::contains));
    return new ModelScoring(run, access, run.scoredSamples(), run::scores, true);
  }

  /** Where a model's scores go. */
  Path file(int model) {
    return files.apply(model);
  }

  /** Whether that file is there, and what would be made now. */
  State state(int model) {
    Path file = file(model);
    if (!Files.exists(file)) {
      return State.MISSING;
    }
    run.requireOwn(file, Safetensors.read(file).metadata());
    Map<String, String> expected =
        RunScores.metadata(access.settings(), pool(), views, provenance(model));
    return RunScores.isDone(file, expected) ? State.DONE : State.STALE;
  }

  /** Scores one, unless that is done. */
  void score(int model, Backend device, Progress own) {
    own.model(model);
    access.precision().on(device, backend -> own.end(outcome(model, backend, own), Map.of()));
  }

  /** Scores and says what came of it. */
  private String outcome(int model, Backend backend, Progress own) {
    Model network = Models.create(run.modelSpec());
    try (Weights weights = Weights.load(network, backend, run.weights(model));
        Classifier classifier = Classifier.of(network, weights)) {
      RunScores.write(
          file(model), access.seen().apply(ScoredModel.of(classifier)), access.settings(),
          pool(), views, provenance(model), ScoreStep.samples(own));
      return "scored";
    } catch (NotFiniteException e) {
      if (!ofRun) {
        throw new NotFiniteException("model " + model + ": " + e.getMessage());
      }
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
    provenance.put(ScoreStep.WEIGHTS_KEY, run.weightsHash(model));
    if (run.config().privacy() != null) {
      provenance.putAll(Privacy.recorded(Safetensors.read(run.weights(model)).metadata()));
    }
    provenance.putAll(access.metadata());
    return provenance;
  }
}
