package io.sagitta.attack.cli;

import io.sagitta.attack.console.Terminal;
import io.sagitta.attack.run.ExternalTarget;
import io.sagitta.attack.run.Progress;
import io.sagitta.attack.run.Run;
import io.sagitta.attack.run.RunConfig;
import io.sagitta.attack.score.Estimator;
import io.sagitta.attack.score.RunScores;
import io.sagitta.attack.score.ScorePrecision;
import io.sagitta.attack.score.ScoreSettings;
import io.sagitta.attack.score.ScoredModel;
import io.sagitta.attack.score.View;
import io.sagitta.attack.target.BlackBox;
import io.sagitta.attack.target.Target;
import io.sagitta.attack.target.TargetException;
import io.sagitta.attack.target.Targets;
import io.sagitta.attack.work.Workers;
import io.sagitta.kernels.Backend;
import io.sagitta.nn.io.Hashes;
import io.sagitta.nn.io.Safetensors;
import io.sagitta.nn.models.Classifier;
import io.sagitta.nn.models.Model;
import io.sagitta.nn.models.Models;
import io.sagitta.nn.models.Weights;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;

/** Scores a target that a run did not train, and makes it one of those that are attacked. */
final class TargetScores {
  /** The metadata key under which a score file says how the target was asked. */
  static final String HOW_KEY = "target_access";

  private static final String EVALUATION_KEY = "evaluation";

  private final Run run;
  private final Workers workers;
  private final Terminal terminal;

  TargetScores(Run run, Workers workers, Terminal terminal) {
    this.run = run;
    this.workers = workers;
    this.terminal = terminal;
  }

  /**
   * A black box, by plain queries. It is asked before the run knows of it, so that one that does not
   * fit leaves nothing behind.
   */
  void scoreBlackBox(TargetOptions options, boolean[] members) {
    String name = options.specification();
    Path kept = run.answers(name);
    RunConfig config = run.config();
    ScorePrecision precision =
        config.scorePrecision() == ScorePrecision.FLOAT64
            ? ScorePrecision.FLOAT64
            : ScorePrecision.PLAIN_FP32;
    List<Estimator> estimators =
        config.estimators().stream().filter(Estimator::isZeroOrder).toList();
    if (estimators.isEmpty()) {
      throw new IllegalArgumentException(
          "target: expected zo or zo-trace among the run's estimators, the only ones that a black"
              + " box allows, got " + config.estimators() + "; 'sagitta score " + run.folder()
              + " --estimators' changes them");
    }
    try (Target target = Targets.open(name, run.pool(), options.settings(kept))) {
      BlackBox box = BlackBox.of(target, run.pool(), options.input(), options.answers());
      ExternalTarget added = run.external(name, members);
      Map<String, String> provenance = provenance(added);
      provenance.putAll(box.metadata());
      provenance.put(HOW_KEY, "black box, " + box.answers());
      write(
          added, estimators, precision, provenance,
          backend -> new Opened(box.on(backend), () -> {}));
    }
  }

  /** A network of Sagitta's, as the run's own models. */
  void scoreWeights(String file, NetworkOptions network, boolean[] members) {
    Path path = Path.of(file);
    Safetensors.File weights = Safetensors.read(path);
    Model model = Models.create(network.spec(weights, run.modelSpec()));
    ExternalTarget added = run.external(file, members);
    Map<String, String> provenance = provenance(added);
    provenance.put(ScoreStep.WEIGHTS_KEY, Hashes.sha256(path));
    provenance.put(HOW_KEY, "white box, " + model.spec());
    write(
        added, run.config().estimators(), run.config().scorePrecision(), provenance,
        backend -> {
          try (Weights loaded = Weights.of(model, backend, weights.entries(), path)) {
            Classifier classifier = Classifier.of(model, loaded);
            return new Opened(ScoredModel.of(classifier), classifier);
          }
        });
  }

  /** A model on a backend, and what is closed after it. */
  private record Opened(ScoredModel model, AutoCloseable owner) {}

  private Map<String, String> provenance(ExternalTarget target) {
    Map<String, String> provenance = run.metadata();
    provenance.put("model", Integer.toString(target.model()));
    provenance.put("target", target.name());
    return provenance;
  }

  private void write(
      ExternalTarget target, List<Estimator> estimators, ScorePrecision precision,
      Map<String, String> provenance, Function<Backend, Opened> opener) {
    RunConfig config = run.config();
    List<ScoreSettings> settings =
        precision.settings(
            estimators, config.h(), config.n(), config.seed(), workers::support);
    Path file = run.scores(target.model());
    Progress progress = terminal.progress(run.progress());
    progress.begin("target", 1, 0);
    try {
      workers.each(
          List.of(target.model()), progress,
          (model, device, own) -> {
            own.model(model);
            precision.on(
                device,
                backend -> write(opener.apply(backend), file, settings, provenance, own));
            own.end("scored", Map.of());
          });
    } finally {
      progress.finish();
    }
    tell(target, file);
  }

  private void write(
      Opened opened, Path file, List<ScoreSettings> settings, Map<String, String> provenance,
      Progress own) {
    try (AutoCloseable owner = opened.owner) {
      RunScores.write(
          file, opened.model, settings, run.pool(), View.first(run.config().views()), provenance,
          ScoreStep.samples(own));
    } catch (ArithmeticException e) {
      throw new TargetException(opened.model.name() + ": " + e.getMessage());
    } catch (RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new IllegalStateException("a classifier closes without a checked exception", e);
    }
  }

  /** What came of it, and what stands against comparing it with the shadows. */
  private void tell(ExternalTarget target, Path file) {
    Safetensors.File scores = Safetensors.read(file);
    Map<String, String> metadata = scores.metadata();
    terminal.out().println(
        "Target " + target.name() + " is model " + target.model() + " (" + metadata.get(HOW_KEY)
            + "): " + file);
    terminal.out().flush();
    Path shadow = run.scores(0);
    if (Files.exists(shadow)) {
      String theirs = Safetensors.read(shadow).metadata().get(EVALUATION_KEY);
      String own = metadata.get(EVALUATION_KEY);
      if (own != null && !own.equals(theirs)) {
        terminal.say(
            "the target's curvature was evaluated as " + own + ", the shadows' as " + theirs
                + ": the same statistic, but the target's has the noise below; shadows of a run with"
                + " --score-precision plain-fp32 have it too");
      }
    }
    if (scores.entries().containsKey("curv_zo_noise_floor")) {
      double floor = median(scores.entry("curv_zo_noise_floor").doubles());
      double score = median(scores.entry("curv_zo").doubles());
      terminal.say(
          String.format(
              Locale.ROOT, "noise floor of the target's curvature: median %.3g, %.3g %% of the"
                  + " median score %.3g%s",
              floor, 100 * floor / score, score,
              floor > score / 2 ? "; attacks on curvature see little but noise" : ""));
    }
  }

  private static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }
}
