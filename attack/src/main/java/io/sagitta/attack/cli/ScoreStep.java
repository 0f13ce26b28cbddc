package io.sagitta.attack.cli;

import io.sagitta.attack.console.Terminal;
import io.sagitta.attack.run.Progress;
import io.sagitta.attack.run.Rate;
import io.sagitta.attack.run.Run;
import io.sagitta.attack.run.RunConfig;
import io.sagitta.attack.score.ScoreListener;
import io.sagitta.attack.score.ScorePrecision;
import io.sagitta.attack.score.ScoreSettings;
import io.sagitta.attack.score.ScoredModel;
import io.sagitta.attack.work.Machines;
import io.sagitta.attack.work.Workers;
import io.sagitta.kernels.Precision;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.IntFunction;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;

/**
 * Scores a run's models, as the run is scored or as a study asks; a score file is there whole or
 * not at all, and a model whose scoring was stopped goes on where it was.
 */
final class ScoreStep {
  /** The metadata key that names the weights a score file was made from. */
  static final String WEIGHTS_KEY = "weights_hash";

  private final ModelScoring scoring;
  private final Terminal terminal;
  private final Progress progress;
  private final Consumer<List<Integer>> workOn;

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
  ScoreStep(Run run, Machines machines, Terminal terminal) {
    EnumSet<Precision> supported = EnumSet.allOf(Precision.class);
    supported.removeIf(precision -> !machines.support(precision));
    this.scoring = ModelScoring.of(run, supported);
    this.terminal = terminal;
    this.progress = terminal.progress(run.progress());
    Machines.Step step =
        (there, model, device, own) ->
            ModelScoring.of(there, supported).score(model, device, own);
    this.workOn = models -> machines.each(run, models, progress, step);
  }

  /** As another access says. */
  ScoreStep(Run run, Workers workers, Terminal terminal, Access access) {
    this(run, workers, terminal, access, run.scoredSamples(), run::scores);
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
    this.scoring = new ModelScoring(run, access, samples, files);
    this.terminal = terminal;
    this.progress = terminal.progress(run.progress());
    this.workOn = models -> workers.each(models, progress, scoring::score);
  }

  /**
   * How a run is scored on these devices.
   *
   * @throws IllegalArgumentException if they cannot compute as the run's configuration says
   */
  static List<ScoreSettings> settings(RunConfig config, Predicate<Precision> support) {
    return config
        .scorePrecision()
        .settings(config.estimators(), config.h(), config.n(), config.seed(), support);
  }

  /** Scores those of the models whose score files are missing or made from something else. */
  void score(List<Integer> models) {
    List<Integer> pending = new ArrayList<>();
    for (int model : models) {
      ModelScoring.State state = scoring.state(model);
      if (state == ModelScoring.State.STALE) {
        terminal.say(
            scoring.file(model)
                + ": made from other weights, in another way or by another version; made again");
      }
      if (state != ModelScoring.State.DONE) {
        pending.add(model);
      }
    }
    progress.begin("score", pending.size(), models.size() - pending.size());
    try {
      workOn.accept(pending);
    } finally {
      progress.finish();
    }
  }

  /** Counts samples, each once a view. */
  static ScoreListener samples(Progress progress) {
    Rate rate = new Rate();
    return (done, total) -> {
      Map<String, Object> figures = new LinkedHashMap<>();
      figures.put("samples", done + "/" + total);
      rate.addTo(figures, "samples_per_second", done);
      progress.update((double) done / total, figures);
    };
  }
}
