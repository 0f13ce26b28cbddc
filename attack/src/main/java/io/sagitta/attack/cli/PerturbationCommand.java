package io.sagitta.attack.cli;

import io.sagitta.attack.console.Commands;
import io.sagitta.attack.console.CommonOptions;
import io.sagitta.attack.console.DeviceOption;
import io.sagitta.attack.console.Range;
import io.sagitta.attack.console.Terminal;
import io.sagitta.attack.run.Run;
import io.sagitta.attack.run.RunConfig;
import io.sagitta.attack.run.ScoreFiles;
import io.sagitta.attack.run.Signal;
import io.sagitta.attack.score.Estimator;
import io.sagitta.attack.score.ScoreSettings;
import io.sagitta.attack.study.PerturbationStudy;
import io.sagitta.attack.study.StudiedRun;
import io.sagitta.attack.work.Workers;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "perturbation",
    description = {
      "What do the step h and the number of directions n do to attacks by curvature? Scores a run's"
          + " models again for each, on some of its images, and attacks.",
      "Stopped, the same command continues. Leaves perturbation.json, .csv and .html, pictures, and"
          + " the scores."
    },
    versionProvider = Commands.Versions.class,
    footerHeading = "%nExamples:%n",
    footer = {
      "  sagitta experiment perturbation runs/c100",
      "  sagitta experiment perturbation runs/c100 --h 1e-4,1e-3,1e-2 --n 1,10 --samples 1000"
    })
final class PerturbationCommand implements Callable<Integer> {
  private static final Set<Signal> SIGNALS =
      Set.of(Signal.CURV_ZO, Signal.LOSS, Signal.LOGIT, Signal.PROB_TRUE);

  private final Terminal terminal;

  @Parameters(paramLabel = "RUN", description = "The run folder, with models.")
  private Path folder;

  @Option(
      names = "--data", paramLabel = "PATH",
      description = "Where the data are (default: where they were).")
  private Path data;

  @Range(above = 0, most = ScoreSettings.MOST_H)
  @Option(
      names = "--h", paramLabel = "H", split = ",", defaultValue = "1e-4,1e-3,1e-2,1e-1",
      description = "Steps, on normalised inputs (default: 1e-4,1e-3,1e-2,1e-1).")
  private double[] h;

  @Range(least = 1, most = ScoreSettings.MOST_N)
  @Option(
      names = "--n", paramLabel = "N", split = ",", defaultValue = "1,4,10",
      description = "Numbers of random directions (default: 1,4,10).")
  private int[] n;

  @Range(least = 1)
  @Option(
      names = "--samples", paramLabel = "N", defaultValue = "300",
      description = "Score the first N images (default: 300, or all where there are fewer).")
  private int samples;

  @Option(
      names = "--out", paramLabel = "DIR",
      description = "Receives scores and results (default: RUN/studies/perturbation).")
  private Path out;

  @Mixin private DeviceOption device;
  @Mixin private CommonOptions common;

  PerturbationCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() {
    Path results = out == null ? folder.resolve("studies").resolve("perturbation") : out;
    try (Workers workers = device.open(terminal);
        Run run = Run.existing(folder, data)) {
      // Every step and number is checked before the first is scored.
      for (double step : h) {
        Arrays.stream(n).forEach(number -> settings(run, step, number, workers));
      }
      PerturbationStudy study = new PerturbationStudy();
      int count = Math.min(samples, run.record().pool().samples());
      Steps steps = new Steps(run, terminal);
      for (double step : h) {
        for (int number : n) {
          Path scores = results.resolve("scores").resolve("h" + step + "-n" + number);
          study.add(step, number, rescored(run, steps, workers, step, number, count, scores));
        }
      }
      Map<String, String> setup = new LinkedHashMap<>(RunInfos.setup(run));
      setup.put(
          "Curvature",
          "zero-order, n = " + Arrays.toString(n) + ", h = " + Arrays.toString(h)
              + ", precision " + run.config().scorePrecision() + ", the first " + count
              + " images");
      return StudyOutput.write(study.report(setup), results, terminal);
    }
  }

  private StudiedRun rescored(
      Run run, Steps steps, Workers workers, double step, int number, int count, Path scores) {
    try {
      Files.createDirectories(scores);
    } catch (IOException e) {
      throw new UncheckedIOException(scores + ": cannot be made: " + e, e);
    }
    List<Integer> models = steps.trained();
    ScoreStep.Access access =
        ScoreStep.Access.direct(
            run.config().scorePrecision(), List.of(settings(run, step, number, workers)));
    new ScoreStep(
            run, workers, terminal, access, count, model -> ScoreFiles.file(scores, model))
        .score(models);
    boolean[][] members =
        IntStream.range(0, run.config().models())
            .mapToObj(model -> firstMembers(run, model, count))
            .toArray(boolean[][]::new);
    long[] labels = Arrays.stream(run.pool().first(count).labels()).asLongStream().toArray();
    return new StudiedRun(
        ScoreFiles.read(run.masks(), members, labels, scores, SIGNALS), steps.targets(),
        Map.of());
  }

  private static ScoreSettings settings(Run run, double step, int number, Workers workers) {
    RunConfig config = run.config();
    return config
        .scorePrecision()
        .settings(Estimator.ZO, step, number, config.seed(), workers::support);
  }

  private static boolean[] firstMembers(Run run, int model, int count) {
    boolean[] members = new boolean[count];
    for (int s = 0; s < count; s++) {
      members[s] = run.membership().member(model, s);
    }
    return members;
  }
}
