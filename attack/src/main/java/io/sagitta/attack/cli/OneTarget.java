package io.sagitta.attack.cli;

import io.sagitta.attack.console.Terminal;
import io.sagitta.attack.run.Progress;
import io.sagitta.attack.run.Version;
import io.sagitta.attack.score.Estimator;
import io.sagitta.attack.score.NotFiniteException;
import io.sagitta.attack.score.ScorePrecision;
import io.sagitta.attack.score.ScoreSettings;
import io.sagitta.attack.score.StandaloneScores;
import io.sagitta.attack.target.BlackBox;
import io.sagitta.attack.target.Target;
import io.sagitta.attack.target.TargetException;
import io.sagitta.attack.target.Targets;
import io.sagitta.attack.work.Workers;
import io.sagitta.nn.data.ImageDataset;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Option;

/** Scores a split with a black box. */
final class OneTarget extends RecordOptions {
  @Option(
      names = "--estimator", paramLabel = "NAME", defaultValue = "zo",
      description = "zo, the published stencil of losses; or zo-trace, the Hessian's trace from"
          + " losses (default: zo).")
  private String estimator;

  @Option(
      names = "--out", paramLabel = "FILE", required = true,
      description = "Receives logits F32 [N, K], and loss, score, standard_error and noise_floor"
          + " F64 [N]. An endpoint's answers are kept beside it, in FILE.answers.")
  private Path out;

  void score(TargetOptions options, Path data, Workers workers, Terminal terminal) {
    if (Targets.isWeights(options.specification())) {
      throw new IllegalArgumentException(
          "target: expected a black box without RUN, got weights; 'sagitta score --weights' scores"
              + " them");
    }
    if (!Targets.isEndpoint(options.specification())) {
      String file = options.specification();
      Outputs.requireOther("--out", out, Path.of(file.substring(file.indexOf(':') + 1)));
    }
    ScoreSettings settings =
        ScorePrecision.PLAIN_FP32.settings(
            Estimator.of(estimator), h(), n(), seed(), workers::support);
    if (!settings.estimator().isZeroOrder()) {
      throw new IllegalArgumentException(
          "target: expected zo or zo-trace of a black box, got " + estimator);
    }
    ImageDataset images = images(data);
    Path kept = out.resolveSibling(out.getFileName() + ".answers");
    Progress progress = terminal.progress(null);
    progress.begin("score", 1, 0);
    try (Target target = Targets.open(options.specification(), images, options.settings(kept))) {
      BlackBox box = BlackBox.of(target, images, options.input(), options.answers());
      Map<String, String> provenance = box.metadata();
      provenance.put("sagitta", Version.sagitta());
      provenance.put("split", split());
      workers.each(
          List.of(0), progress,
          (index, device, own) -> {
            own.model(index);
            try {
              StandaloneScores.write(
                  out, box.on(device), settings, images, false, provenance,
                  ScoreStep.samples(own));
            } catch (NotFiniteException e) {
              throw new TargetException(options.specification() + ": " + e.getMessage());
            }
            own.end("scored", Map.of());
          });
      terminal.out().println(
          "Scores of " + images.size() + " samples (" + box.answers() + "): " + out);
    } finally {
      progress.finish();
    }
    terminal.out().flush();
  }
}
