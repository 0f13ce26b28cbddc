package io.sagitta.attack.cli;

import io.sagitta.attack.console.CommonOptions;
import io.sagitta.attack.console.DeviceOption;
import io.sagitta.attack.console.Range;
import io.sagitta.attack.console.Terminal;
import io.sagitta.attack.report.StudyReport;
import io.sagitta.attack.score.Estimator;
import io.sagitta.attack.study.EstimatorStudy;
import io.sagitta.attack.study.StudyOutcome;
import io.sagitta.attack.work.Workers;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What the studies of estimators over steps and numbers of directions have in common. */
abstract class EstimatorComparison {
  private final Terminal terminal;

  @Mixin private StudiedModels studied;

  @Range(least = 1)
  @Option(
      names = "--samples", paramLabel = "N", defaultValue = "64",
      description = "Score the first N records (default: 64).")
  private int samples;

  @Option(
      names = "--seed", paramLabel = "S", defaultValue = "0",
      description = "Seed of the directions, and of the training (default: 0).")
  private long seed;

  @Mixin private DeviceOption device;
  @Mixin private CommonOptions common;

  EstimatorComparison(Terminal terminal) {
    this.terminal = terminal;
  }

  /** Words what was found. */
  @FunctionalInterface
  interface Report {
    StudyReport of(Map<String, String> setup, List<StudyOutcome> outcomes);
  }

  /**
   * Trains where no weights are given, scores, and writes.
   *
   * @param name of the study
   * @param out receives the results
   * @return the exit status
   */
  final int run(
      String name, List<Estimator> estimators, double[] h, int[] n, Path out, Report report) {
    EstimatorStudy.check(h, n);
    try (Workers workers = device.openOne(terminal)) {
      StudiedData.Study study = studied.prepare(out, samples, seed, workers, terminal);
      List<StudyOutcome> outcomes =
          study.run(
              name,
              (weights, listener, images) ->
                  new EstimatorStudy(weights, estimators, h, n, seed, listener).run(images));
      Map<String, String> setup =
          study.setup(
              "Trials",
              "n = " + Arrays.toString(n) + ", h = " + Arrays.toString(h) + ", seed " + seed);
      return StudyOutput.write(report.of(setup, outcomes), out, terminal);
    }
  }
}
