package io.sagitta.attack.cli;

import io.sagitta.attack.console.Terminal;
import io.sagitta.attack.run.ExternalTarget;
import io.sagitta.attack.run.Progress;
import io.sagitta.attack.run.Run;
import io.sagitta.attack.run.RunConfig;
import io.sagitta.attack.score.Estimator;
import io.sagitta.attack.score.NotFiniteException;
import io.sagitta.attack.score.RunScores;
import io.sagitta.attack.score.ScorePrecision;
import io.sagitta.attack.score.ScoreSettings;
import io.sagitta.attack.score.ScoredModel;
import io.sagitta.attack.score.View;
import io.sagitta.attack.target.Answers;
import io.sagitta.attack.target.BlackBox;
import io.sagitta.attack.target.Target;
import io.sagitta.attack.target.TargetException;
import io.sagitta.attack.target.Targets;
import io.sagitta.attack.work.Workers;
import io.sagitta.kernels.Backend;
import io.sagitta.kernels.Devices;
import io.sagitta.nn.io.Hashes;
import io.sagitta.nn.io.Safetensors;
import io.sagitta.nn.models.Classifier;
import io.sagitta.nn.models.Model;
import io.sagitta.nn.models.ModelSpec;
import io.sagitta.nn.models.Models;
import io.sagitta.nn.models.Weights;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.IntStream;

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
   * A black box, by plain queries. It is asked before the run knows of it, so that one that does
   * not fit leaves nothing behind.
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
      if (options.rescores()) {
        rescore(box, precision, settings(estimators, precision));
      }
      tell(added, box);
    }
  }

  /** Scores the run's own models as through the target's answers. */
  private void rescore(BlackBox box, ScorePrecision precision, List<ScoreSettings> settings) {
    ScoreStep.Access access =
        new ScoreStep.Access(
            precision, settings, box::like,
            Map.of(BlackBox.ANSWERS_KEY, box.answers().toString()));
    List<Integer> trained =
        IntStream.range(0, run.config().models()).filter(run::hasWeights).boxed().toList();
    new ScoreStep(run, workers, terminal, access).score(trained);
  }

  private List<ScoreSettings> settings(List<Estimator> estimators, ScorePrecision precision) {
    RunConfig config = run.config();
    return precision.settings(
        estimators, config.h(), config.n(), config.seed(), workers::support);
  }

  /**
   * A network of Sagitta's, as the run's own models.
   *
   * @throws TargetException if it has other classes than the run's data
   */
  void scoreWeights(String file, NetworkOptions network, boolean[] members) {
    Path path = Path.of(file);
    Safetensors.File weights = Safetensors.read(path);
    Model model = Models.create(network(network.named(), path, weights));
    requireFit(model, weights, path);
    ExternalTarget added = run.external(file, members);
    Map<String, String> provenance = provenance(added);
    provenance.put(ScoreStep.WEIGHTS_KEY, Hashes.sha256(path));
    provenance.put(HOW_KEY, "white box, " + model.spec());
    provenance.putAll(Provenance.trained(weights.metadata()));
    write(
        added, run.config().estimators(), run.config().scorePrecision(), provenance,
        backend -> {
          try (Weights loaded = Weights.of(model, backend, weights.entries(), path)) {
            Classifier classifier = Classifier.of(model, loaded);
            return new Opened(ScoredModel.of(classifier), classifier);
          }
        });
  }

  /** What file or options say; else a network as the run's. */
  private ModelSpec network(NamedNetwork named, Path path, Safetensors.File weights) {
    return named.isGiven() || NamedNetwork.isSaidBy(weights)
        ? named.of(path, weights, run.modelSpec().classes()) : run.modelSpec();
  }

  /** Found out before the run knows of it. */
  private void requireFit(Model model, Safetensors.File weights, Path file) {
    int classes = run.record().pool().classes();
    if (model.spec().classes() != classes) {
      throw new TargetException(
          file + ": expected a network of " + classes + " classes for "
              + run.record().pool().name() + ", found " + model.spec());
    }
    try (Backend host = Devices.open("host")) {
      Weights.of(model, host, weights.entries(), file).close();
    }
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
    List<ScoreSettings> settings = settings(estimators, precision);
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
    terminal.out().println(
        "Target " + target.name() + " is model " + target.model() + " ("
            + provenance.get(HOW_KEY) + "): " + file);
    terminal.out().flush();
  }

  private void write(
      Opened opened, Path file, List<ScoreSettings> settings, Map<String, String> provenance,
      Progress own) {
    try (AutoCloseable owner = opened.owner) {
      RunScores.write(
          file, opened.model, settings, run.scored(), View.first(run.config().views()), provenance,
          ScoreStep.samples(own));
    } catch (NotFiniteException e) {
      throw new TargetException(opened.model.name() + ": " + e.getMessage());
    } catch (RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new IllegalStateException("a classifier closes without a checked exception", e);
    }
  }

  /** What stands against comparing the target with the shadows. */
  private void tell(ExternalTarget target, BlackBox box) {
    Safetensors.File scores = Safetensors.read(run.scores(target.model()));
    if (Files.exists(run.scores(0))) {
      Map<String, String> own = scores.metadata();
      Map<String, String> theirs = Safetensors.read(run.scores(0)).metadata();
      String exact = new Answers(false, 0).toString();
      String given = theirs.getOrDefault(BlackBox.ANSWERS_KEY, exact);
      if (!given.equals(box.answers().toString()) && box.answers().step() > 0) {
        terminal.say(
            "the target's scores come of " + box.answers() + ", the shadows' of " + given
                + ": not the same statistics; --rescore-shadows scores the shadows through the same"
                + " answers");
      } else if (!own.get(EVALUATION_KEY).equals(theirs.get(EVALUATION_KEY))) {
        terminal.say(
            "the target's curvature was evaluated as " + own.get(EVALUATION_KEY)
                + ", the shadows' as " + theirs.get(EVALUATION_KEY) + ": the same statistic, but for the noise below;"
                + " --rescore-shadows gives the shadows' the same noise");
      }
    }
    Estimator estimator =
        run.config().estimators().stream().filter(Estimator::isZeroOrder).findFirst().orElseThrow();
    double floor = median(scores.entry(estimator.noiseName()).doubles());
    double score = median(scores.entry(estimator.tensorName()).doubles());
    terminal.say(
        String.format(
            Locale.ROOT, "noise floor of the target's curvature: median %.3g, %.3g %% of the median"
                + " score %.3g%s",
            floor, 100 * floor / score, score,
            floor > score / 2 ? "; attacks on curvature see little but noise" : ""));
  }

  private static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }
}
