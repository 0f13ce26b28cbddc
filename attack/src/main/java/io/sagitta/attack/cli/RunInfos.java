package io.sagitta.attack.cli;

import io.sagitta.attack.guard.Baseline;
import io.sagitta.attack.guard.Behaviour;
import io.sagitta.attack.guard.ProtocolGuard;
import io.sagitta.attack.metrics.Bootstrap;
import io.sagitta.attack.report.RunInfo;
import io.sagitta.attack.run.ExternalTarget;
import io.sagitta.attack.run.Run;
import io.sagitta.attack.run.RunConfig;
import io.sagitta.attack.run.RunRecord;
import io.sagitta.attack.run.ScoreSet;
import io.sagitta.attack.score.Estimator;
import io.sagitta.attack.shadow.Divergence;
import io.sagitta.nn.data.ImageDataset;
import io.sagitta.nn.io.BadFileException;
import io.sagitta.nn.io.Hashes;
import io.sagitta.nn.io.Safetensors;
import io.sagitta.nn.optim.OptimizerKind;
import io.sagitta.nn.privacy.Privacy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** What a report says of the run behind it. */
final class RunInfos {
  private RunInfos() {}

  /**
   * Of a run; its images are shown and guessed at where they are still at hand.
   *
   * @param stopCheck throws to stop
   */
  static RunInfo of(Run run, ScoreSet scores, int[] targets, Runnable stopCheck) {
    RunRecord record = run.record();
    List<Divergence> diverged = Divergence.all(run);
    List<String> warnings = new ArrayList<>();
    diverged.forEach(
        d -> warnings.add("Model " + d.model() + " was left out: " + d.message() + "."));
    warnings.addAll(ProtocolGuard.check(scores, targets, Provenance.of(run, scores.models())));
    ImageDataset images = images(run, warnings);
    List<Baseline> baselines =
        images == null
            ? List.of() : Baseline.of(images, scores, targets, bootstrap(), stopCheck);
    warnings.addAll(Baseline.warnings(baselines));
    List<RunInfo.Model> models = new ArrayList<>();
    for (int model = 0; model < run.config().models(); model++) {
      models.add(model(run, scores, model, diverged));
    }
    run.externals().forEach(external -> models.add(external(run, scores, external)));
    return new RunInfo(
        "Membership-inference audit: " + record.pool().name(), setup(run), hashes(run, targets),
        models, warnings, images, baselines);
  }

  /** Of scores made elsewhere; only the folder's own name is told, since pages are passed on. */
  static RunInfo of(Path masks, Path folder, ScoreSet scores, int[] targets) {
    List<RunInfo.Model> models = new ArrayList<>();
    for (int model = 0; model < scores.models(); model++) {
      int index = model;
      boolean target = Arrays.stream(targets).anyMatch(t -> t == index);
      Behaviour behaviour = Behaviour.of(scores, model);
      models.add(
          new RunInfo.Model(
              model, target ? "target" : "shadow", behaviour.memberAccuracy().value(),
              behaviour.otherAccuracy().value(), Double.NaN, ""));
    }
    return new RunInfo(
        "Membership-inference attack: " + folder.toAbsolutePath().normalize().getFileName(),
        Map.of(), Map.of("memberships", Hashes.sha256(masks)), models,
        ProtocolGuard.check(scores, targets, Provenance.ofScores(folder, scores.models())));
  }

  private static Bootstrap bootstrap() {
    return new Bootstrap(0, Bootstrap.DEFAULT_RESAMPLES);
  }

  /** The run's images; null, and a warning, where they are not there any more. */
  private static ImageDataset images(Run run, List<String> warnings) {
    try {
      return run.scored();
    } catch (BadFileException e) {
      warnings.add(
          "The images are not at hand, so none are shown and the model-free baseline was left out: "
              + e.getMessage() + ".");
      return null;
    }
  }

  private static Map<String, String> hashes(Run run, int[] targets) {
    Map<String, String> hashes = new LinkedHashMap<>();
    hashes.put("configuration", run.record().configurationHash());
    hashes.put("data", run.record().pool().hash());
    hashes.put("memberships", Hashes.sha256(run.masks()));
    for (int target : targets) {
      if (run.hasWeights(target)) {
        hashes.put("weights of target " + target, run.weightsHash(target));
      }
    }
    return hashes;
  }

  /** How its models are trained. */
  static String training(RunConfig config) {
    return config.epochs() + " epochs, batch " + config.batch() + ", learning rate "
        + config.learningRate() + " (" + config.schedule() + "), momentum " + config.momentum()
        + ", weight decay " + config.weightDecay() + ", augmentation " + config.augment()
        + (config.optimizer() == OptimizerKind.SGD ? "" : ", by " + config.optimizer());
  }

  /** What privacy they keep, and how. */
  private static String privacy(Privacy.Promise promise) {
    return String.format(
        Locale.ROOT,
        "ε = %.4g at δ = %.3g by Rényi accounting; noise %.4g times the clipping norm %s, Poisson"
            + " samples at a rate of %.4g",
        promise.epsilon(), promise.privacy().delta(), promise.noise(), promise.privacy().clip(),
        promise.sampleRate());
  }

  /** How a run was made. */
  static Map<String, String> setup(Run run) {
    RunRecord record = run.record();
    RunConfig config = run.config();
    RunRecord.Pool pool = record.pool();
    Map<String, String> setup = new LinkedHashMap<>();
    setup.put(
        "Data",
        pool.name() + ", " + pool.samples() + " samples of " + pool.height() + "×" + pool.width()
            + ", " + pool.classes() + " classes");
    setup.put("Normalisation", run.normalization().toString());
    setup.put("Network", run.modelSpec().toString());
    setup.put(
        "Models",
        config.shadows() + " shadows and " + config.targets()
            + (config.targets() == 1 ? " target" : " targets") + ", each trained on a random half");
    setup.put("Training", training(config));
    if (config.privacy() != null) {
      setup.put("Privacy", privacy(run.promise()));
    }
    setup.put(
        "Curvature",
        config.estimators().stream().map(Estimator::text).collect(Collectors.joining(", "))
            + ", n = " + config.n() + ", h = " + config.h() + ", precision "
            + config.scorePrecision() + ", " + config.views()
            + (config.views() == 1 ? " view" : " views")
            + (config.scoreSamples() == 0
                ? "" : ", of the first " + config.scoreSamples() + " samples"));
    setup.put("Seed", Long.toString(config.seed()));
    setup.put("Device", record.device());
    setup.put("Versions", "Sagitta " + record.sagitta() + ", Java " + record.java());
    setup.put("System", record.system());
    setup.put("Begun", record.created());
    return setup;
  }

  private static RunInfo.Model model(
      Run run, ScoreSet scores, int model, List<Divergence> diverged) {
    String role = model < run.config().shadows() ? "shadow" : "target";
    String note =
        diverged.stream()
            .filter(d -> d.model() == model)
            .map(Divergence::message)
            .findFirst()
            .orElse("");
    Behaviour behaviour = Behaviour.of(scores, model);
    return new RunInfo.Model(
        model, role, behaviour.memberAccuracy().value(), behaviour.otherAccuracy().value(),
        finalLoss(run, model), note);
  }

  private static RunInfo.Model external(Run run, ScoreSet scores, ExternalTarget target) {
    Path file = run.scores(target.model());
    String note = target.name();
    if (Files.exists(file)) {
      note += ", " + Safetensors.read(file).metadata().getOrDefault(TargetScores.HOW_KEY, "");
    }
    Behaviour behaviour = Behaviour.of(scores, target.model());
    return new RunInfo.Model(
        target.model(), "external target", behaviour.memberAccuracy().value(),
        behaviour.otherAccuracy().value(), Double.NaN, note);
  }

  private static double finalLoss(Run run, int model) {
    if (!run.hasWeights(model)) {
      return Double.NaN;
    }
    String loss = Safetensors.read(run.weights(model)).metadata().get("final_loss");
    return loss == null ? Double.NaN : Double.parseDouble(loss);
  }
}
