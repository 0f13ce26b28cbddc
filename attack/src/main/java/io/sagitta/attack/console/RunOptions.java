package io.sagitta.attack.console;

import static io.sagitta.attack.console.TrainingOptions.given;

import io.sagitta.attack.run.RunConfig;
import io.sagitta.attack.score.Estimator;
import io.sagitta.attack.score.ScorePrecision;
import io.sagitta.attack.score.ScoreSettings;
import java.nio.file.Path;
import java.util.function.UnaryOperator;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * What decides a run. An option left out takes its default in a new run folder and the recorded
 * value in one that exists; an option given must agree with the record.
 */
public final class RunOptions {
  @Mixin private TrainingOptions training;

  @Range(least = 2, most = RunConfig.MOST_MODELS)
  @Option(
      names = "--shadows", paramLabel = "N",
      description = "Shadow models, each trained on a random half (default: 16).")
  private Integer shadows;

  @Range(least = 1, most = RunConfig.MOST_MODELS)
  @Option(
      names = "--targets", paramLabel = "N",
      description = "Models attacked, numbered after the shadows (default: 1).")
  private Integer targets;

  @Range(least = 1, most = 2)
  @Option(
      names = "--views", paramLabel = "N",
      description = "Views scored: 1, the image; 2, its mirror image too (default: 2).")
  private Integer views;

  @Range(least = 2)
  @Option(
      names = "--score-samples", paramLabel = "N",
      description = "Score and attack the first N samples alone (default: all).")
  private Integer scoreSamples;

  @Range(least = 1, most = ScoreSettings.MOST_N)
  @Option(
      names = "--n", paramLabel = "N",
      description = "Random directions of a curvature score (default: 10).")
  private Integer n;

  @Range(above = 0, most = ScoreSettings.MOST_H)
  @Option(
      names = "--h", paramLabel = "H",
      description = "Scale of its differences, on normalised inputs (default: 1e-3).")
  private Double h;

  @Option(
      names = "--score-precision", paramLabel = "NAME",
      description = "How scores are evaluated: fp32, tf32 or bf16, differences carried through the"
          + " network in that precision; plain-fp32 or float64, losses subtracted; auto, bf16 where"
          + " the device has it, else fp32 (default: auto).")
  private String scorePrecision;

  @Option(
      names = "--estimators", paramLabel = "NAMES",
      description = "Curvature scores side by side in the score files, separated by commas: zo,"
          + " zo-trace, hutchinson, hutch++, gradient-norm, exact (default: zo).")
  private String estimators;

  /** Where the data are, or null. */
  public Path data() {
    return training.data();
  }

  /** Whether a data set is named. */
  public boolean hasDataset() {
    return training.hasDataset();
  }

  /**
   * These options are of runs that differ in ε, see {@link #privately}.
   *
   * @throws IllegalArgumentException if {@code --dp-epsilon} or {@code --dp-noise} is given
   */
  public void askForPrivacy() {
    training.privacy().ask();
  }

  /**
   * These options, after {@link #askForPrivacy}, with some ε.
   *
   * @param epsilon infinite for training without privacy, otherwise alike
   */
  public UnaryOperator<RunConfig> privately(double epsilon) {
    return recorded -> {
      RunConfig asked = over(recorded);
      return asked.toBuilder()
          .privacy(Double.isInfinite(epsilon) ? null : asked.privacy().keeping(epsilon))
          .build();
    };
  }

  /**
   * These options over a recorded configuration, or over the defaults.
   *
   * @param recorded null for a new run
   * @throws IllegalArgumentException if a value is out of range, or a new run has no data set
   */
  public RunConfig over(RunConfig recorded) {
    RunConfig.Builder config = training.over(recorded);
    given(shadows, config::shadows);
    given(targets, config::targets);
    given(views, config::views);
    given(scoreSamples, config::scoreSamples);
    given(n, config::n);
    given(h, config::h);
    given(scorePrecision, value -> config.scorePrecision(ScorePrecision.of(value)));
    given(estimators, value -> config.estimators(Estimator.listOf(value)));
    return config.build();
  }
}
