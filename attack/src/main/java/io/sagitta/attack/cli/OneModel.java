package io.sagitta.attack.cli;

import io.sagitta.attack.console.NetworkHelp;
import io.sagitta.attack.console.Range;
import io.sagitta.attack.console.Terminal;
import io.sagitta.attack.run.Progress;
import io.sagitta.attack.run.Version;
import io.sagitta.attack.score.Estimator;
import io.sagitta.attack.score.ScorePrecision;
import io.sagitta.attack.score.ScoreSettings;
import io.sagitta.attack.score.ScoredModel;
import io.sagitta.attack.score.StandaloneScores;
import io.sagitta.attack.work.Workers;
import io.sagitta.nn.data.ImageDataset;
import io.sagitta.nn.io.Hashes;
import io.sagitta.nn.io.Safetensors;
import io.sagitta.nn.models.Classifier;
import io.sagitta.nn.models.Model;
import io.sagitta.nn.models.Models;
import io.sagitta.nn.models.Weights;
import io.sagitta.nn.privacy.Privacy;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Option;

/** Scores a split with a model given by its weights. */
final class OneModel extends RecordOptions {
  @Option(
      names = "--weights", paramLabel = "FILE", required = true,
      description = "Weights, a safetensors file with PyTorch's names.")
  private Path weights;

  @Option(
      names = "--arch", paramLabel = "NAME",
      description = "Network: " + NetworkHelp.ARCHITECTURES + " (default: what the file says, as"
          + " Sagitta's do; others need it).")
  private String architecture;

  @Range(least = 1)
  @Option(
      names = "--width", paramLabel = "W",
      description = NetworkHelp.WIDTH + " What the file says goes before the default.")
  private Integer width;

  @Range(least = 2)
  @Option(names = "--classes", paramLabel = "K",
      description = "Its classes (default: what the file says, or those of the data set).")
  private Integer classes;

  @Option(
      names = "--estimator", paramLabel = "NAME", defaultValue = "zo",
      description = {
        "zo, the published stencil of losses; zo-trace, the Hessian's trace from losses; hutchinson,"
            + " the trace from random probes; hutch++, the"
            + " same with its greatest eigenvalues exact; gradient-norm, how far a step turns the gradient;"
            + " exact, the trace itself (default: zo)."
      })
  private String estimator;

  @Option(
      names = "--precision", paramLabel = "NAME", defaultValue = "auto",
      description = {
        "fp32, tf32 or bf16: zo and zo-trace carry differences through the network in that"
            + " precision. plain-fp32: they subtract losses, as for a black box. float64: every"
            + " estimator, losses subtracted, on the processor whatever the device; slow. auto:"
            + " bf16 for zo and zo-trace where the device has it, else fp32 (default: auto)."
      })
  private String precision;

  @Range(least = 0)
  @Option(
      names = "--relative-error", paramLabel = "R", defaultValue = "0",
      description = "After 8, 16, 32, ... directions, leave samples whose standard error is at most R"
          + " of the score (default: 0, for all N directions).")
  private double relativeError;

  @Range(least = 0, below = 1)
  @Option(
      names = "--negligible", paramLabel = "P", defaultValue = "0",
      description = "Exact: take classes whose probability together is at most P as one, which is"
          + " faster with many classes; standard_error says what that misses (default: 0).")
  private double negligible;

  @Option(
      names = "--keep-directions",
      description = "Also write zo's directions v and u, I8 [n, N, 3, H, W], or exact's top"
          + " eigenvectors, F32 [N, 3, H, W].")
  private boolean keepDirections;

  @Option(
      names = "--out", paramLabel = "FILE", required = true,
      description = "Receives logits F32 [N, K], loss, score and standard_error F64 [N]; with"
          + " plain queries noise_floor, with exact frobenius and eigenvalues, with --relative-error"
          + " trials too.")
  private Path out;

  void score(Path data, Workers workers, Terminal terminal) {
    Estimator named = Estimator.of(estimator);
    requireUse(named);
    Outputs.requireOther("--out", out, weights);
    ScorePrecision wanted = ScorePrecision.of(precision);
    ImageDataset images = images(data);
    Safetensors.File file = Safetensors.read(weights);
    Model model = Models.create(
            new NamedNetwork(architecture, width, classes).of(weights, file, images.classes()));
    Progress progress = terminal.progress(null);
    progress.begin("score", 1, 0);
    try {
      workers.each(
          List.of(0), progress,
          (index, device, own) -> {
            own.model(index);
            ScoreSettings settings =
                wanted.settings(named, h(), n(), seed(), device::supports)
                    .until(relativeError)
                    .neglecting(negligible);
            wanted.on(
                device,
                backend -> {
                  try (Weights loaded = Weights.of(model, backend, file.entries(), weights);
                      Classifier classifier = Classifier.of(model, loaded)) {
                    StandaloneScores.write(
                        out, ScoredModel.of(classifier), settings, images, keepDirections,
                        provenance(file.metadata()), ScoreStep.samples(own));
                  }
                });
            own.end("scored", Map.of());
          });
    } finally {
      progress.finish();
    }
    terminal.out().println("Scores of " + images.size() + " samples: " + out);
    terminal.out().flush();
  }

  /**
   * @param known what the weights' file says of itself
   */
  private Map<String, String> provenance(Map<String, String> known) {
    Map<String, String> provenance = new LinkedHashMap<>(Privacy.recorded(known));
    provenance.put("sagitta", Version.sagitta());
    provenance.put(ScoreStep.WEIGHTS_KEY, Hashes.sha256(weights));
    provenance.put("split", split());
    return provenance;
  }
}
