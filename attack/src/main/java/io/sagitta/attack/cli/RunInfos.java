package io.sagitta.attack.cli;

import io.sagitta.attack.report.RunInfo;
import io.sagitta.attack.run.ExternalTarget;
import io.sagitta.attack.run.Run;
import io.sagitta.attack.run.RunConfig;
import io.sagitta.attack.run.RunRecord;
import io.sagitta.attack.run.ScoreSet;
import io.sagitta.attack.run.Signal;
import io.sagitta.attack.score.Estimator;
import io.sagitta.attack.shadow.Divergence;
import io.sagitta.nn.io.Safetensors;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** What a report says of the run behind it. */
final class RunInfos {
  private RunInfos() {}

  static RunInfo of(Run run, ScoreSet scores) {
    RunRecord record = run.record();
    List<Divergence> diverged = Divergence.all(run);
    Map<String, String> hashes = new LinkedHashMap<>();
    hashes.put("configuration", record.configurationHash());
    hashes.put("data", record.pool().hash());
    List<RunInfo.Model> models = new ArrayList<>();
    for (int model = 0; model < run.config().models(); model++) {
      models.add(model(run, scores, model, diverged));
    }
    run.externals().forEach(external -> models.add(external(run, scores, external)));
    List<String> warnings =
        diverged.stream()
            .map(d -> "Model " + d.model() + " was left out: " + d.message() + ".")
            .toList();
    return new RunInfo(
        "Membership-inference audit: " + record.pool().name(), setup(run), hashes, models,
        warnings);
  }

  private static Map<String, String> setup(Run run) {
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
            + " targets, each trained on a random half");
    setup.put(
        "Training",
        config.epochs() + " epochs, batch " + config.batch() + ", learning rate "
            + config.learningRate() + " (" + config.schedule() + "), momentum " + config.momentum()
            + ", weight decay " + config.weightDecay() + ", augmentation " + config.augment());
    setup.put(
        "Curvature",
        config.estimators().stream().map(Estimator::text).collect(Collectors.joining(", "))
            + ", n = " + config.n() + ", h = " + config.h() + ", precision "
            + config.scorePrecision() + ", " + config.views()
            + (config.views() == 1 ? " view" : " views"));
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
    return new RunInfo.Model(
        model, role, accuracy(scores, model, true), accuracy(scores, model, false),
        finalLoss(run, model), note);
  }

  private static RunInfo.Model external(Run run, ScoreSet scores, ExternalTarget target) {
    Path file = run.scores(target.model());
    String note = target.name();
    if (Files.exists(file)) {
      note += ", " + Safetensors.read(file).metadata().getOrDefault(TargetScores.HOW_KEY, "");
    }
    return new RunInfo.Model(
        target.model(), "external target", accuracy(scores, target.model(), true),
        accuracy(scores, target.model(), false), Double.NaN, note);
  }

  /** From the scores: a sample is classified right where no class is likelier than its own. */
  private static double accuracy(ScoreSet scores, int model, boolean members) {
    if (!scores.has(Signal.PROB_TRUE, model) || !scores.has(Signal.PROB_MAX, model)) {
      return Double.NaN;
    }
    int view = scores.viewOrFirst(ScoreSet.IDENTITY);
    double[] ofTrue = scores.values(Signal.PROB_TRUE, model, view);
    double[] greatest = scores.values(Signal.PROB_MAX, model, view);
    int count = 0;
    int right = 0;
    for (int s = 0; s < ofTrue.length; s++) {
      if (scores.member(model, s) == members) {
        count++;
        right += ofTrue[s] >= greatest[s] ? 1 : 0;
      }
    }
    return (double) right / count;
  }

  private static double finalLoss(Run run, int model) {
    if (!run.hasWeights(model)) {
      return Double.NaN;
    }
    String loss = Safetensors.read(run.weights(model)).metadata().get("final_loss");
    return loss == null ? Double.NaN : Double.parseDouble(loss);
  }
}
