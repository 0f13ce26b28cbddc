package io.sagitta.attack.study;

import io.sagitta.attack.report.StudyReport;
import io.sagitta.attack.score.Estimator;
import io.sagitta.attack.score.ScoreErrors;
import io.sagitta.attack.score.ScoreListener;
import io.sagitta.attack.score.ScoreSettings;
import io.sagitta.engine.curvature.Evaluation;
import io.sagitta.kernels.Backend;
import io.sagitta.kernels.DType;
import io.sagitta.kernels.Precision;
import io.sagitta.kernels.reference.ReferenceBackend;
import io.sagitta.nn.data.ImageDataset;
import io.sagitta.nn.models.Classifier;
import io.sagitta.nn.models.Weights;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * The published zero-order score of the same samples along the same directions, evaluated in every
 * way that a device has and in float64, with the error and the speed of each. Float64 subtracts the
 * losses of plain queries and shares no rule with the streams, so it is what both are measured by.
 */
public final class PrecisionStudy {
  /**
   * A way to evaluate.
   *
   * @param queries the arithmetic of convolutions in plain queries, or in the pass that streams lie
   *     over; null for float64
   */
  private record Way(String name, Evaluation evaluation, Precision queries) {}

  private final Weights weights;
  private final double h;
  private final int n;
  private final long seed;
  private final StudyListener listener;

  /**
   * @param weights the model, on the device to be studied; not closed by this
   * @param h step of the stencil, on normalised inputs
   * @param n trials a sample
   * @param seed of the directions
   */
  public PrecisionStudy(Weights weights, double h, int n, long seed, StudyListener listener) {
    this.weights = weights;
    this.h = h;
    this.n = n;
    this.seed = seed;
    this.listener = listener;
  }

  /**
   * Finds a step or a number of trials that is out of range before any work.
   *
   * @throws IllegalArgumentException naming it
   */
  public static void check(double h, int n) {
    ScoreSettings.zeroOrder(h, n, 0);
  }

  private static List<Way> ways(Backend device) {
    List<Way> ways = new ArrayList<>();
    ways.add(new Way("float64", Evaluation.plain(), null));
    List<Precision> precisions =
        Arrays.stream(Precision.values()).filter(device::supports).toList();
    for (Precision precision : precisions) {
      ways.add(new Way("plain-" + precision, Evaluation.plain(), precision));
    }
    for (Precision precision : precisions) {
      ways.add(new Way("streams-" + precision, Evaluation.streams(precision), Precision.FP32));
    }
    for (Precision precision : precisions) {
      if (precision == Precision.TF32 || precision == Precision.BF16) {
        ways.add(
            new Way(
                "streams-fp32-over-" + precision, Evaluation.streams(Precision.FP32), precision));
      }
    }
    return ways;
  }

  /**
   * Scores all samples in every way.
   *
   * @return float64 first
   */
  public List<StudyOutcome> run(ImageDataset samples) {
    List<Way> ways = ways(weights.backend());
    List<StudyOutcome> outcomes = new ArrayList<>();
    double[] exact = null;
    for (Way way : ways) {
      double before = (double) outcomes.size() / ways.size();
      ScoreListener progress =
          (done, total) ->
              listener.onScored(way.name(), before + (double) done / total / ways.size());
      StudyClock.Timed timed =
          way.queries() == null ? inFloat64(way, samples, progress)
              : timed(way, weights, samples, progress);
      outcomes.add(
          new StudyOutcome(
              new Setting(way.name(), way.name(), Estimator.ZO, h, n), timed.scores(), exact,
              timed.seconds()));
      exact = exact == null ? timed.scores() : exact;
    }
    return outcomes;
  }

  /**
   * What was found, in words and pictures.
   *
   * @param setup what was studied, in words
   * @param outcomes of {@link #run}
   */
  public static StudyReport report(Map<String, String> setup, List<StudyOutcome> outcomes) {
    StudyReport report =
        new StudyReport(
            "precision",
            "Precision of the zero-order score",
            "The same stencil of losses, along the same directions, in every way that this device"
                + " can evaluate it: how far is each from float64, and how fast is it?");
    ScoringTable.add(
        report, outcomes,
        "plain subtracts the losses of queries; streams carry the differences through the"
            + " network.");
    found(report, outcomes);
    return report
        .note("Errors of the score are relative to float64, which runs on the processor.")
        .note(
            "plain: the losses at the stencil's points, each computed in that precision, are"
                + " subtracted, as they must be where the model is a black box. What they have in"
                + " common cancels; their rounding stays.")
        .note(
            "streams: one pass at the image in float32, and beside it the odd and even differences"
                + " of every activation, computed in that precision. Nothing cancels.")
        .note(
            "streams over a pass in lower precision show why that pass is in float32: what it rounds"
                + " away, no stream brings back.")
        .setup(setup);
  }

  private static void found(StudyReport report, List<StudyOutcome> outcomes) {
    Comparator<StudyOutcome> byError = Comparator.comparingDouble(o -> o.errors().median());
    Optional<StudyOutcome> plain =
        outcomes.stream().filter(o -> o.name().startsWith("plain-")).min(byError);
    Optional<StudyOutcome> streams =
        outcomes.stream().filter(o -> o.name().startsWith("streams-")).min(byError);
    if (plain.isPresent() && streams.isPresent()) {
      ScoreErrors less = streams.get().errors();
      ScoreErrors more = plain.get().errors();
      report.found(
          String.format(
              Locale.ROOT,
              "At %s images the most precise streams, %s, have a median error of %s and a log"
                  + " correlation of %.5f with float64; the most precise plain queries, %s, of %s"
                  + " and %.5f.",
              Words.count(outcomes.get(0).scores().length), streams.get().name(),
              Words.figure(less.median()), less.logCorrelation(), plain.get().name(),
              Words.figure(more.median()), more.logCorrelation()));
    }
  }

  private StudyClock.Timed inFloat64(Way way, ImageDataset samples, ScoreListener progress) {
    try (ReferenceBackend backend = ReferenceBackend.onAllCores();
        Weights copy = weights.copyTo(backend)) {
      return timed(way, copy, samples, progress);
    }
  }

  private StudyClock.Timed timed(
      Way way, Weights own, ImageDataset samples, ScoreListener progress) {
    boolean float64 = way.queries() == null;
    ScoreSettings settings =
        new ScoreSettings(
            Estimator.ZO, h, n, seed,
            float64 ? ScoreSettings.FLOAT64_BATCH : ScoreSettings.DEFAULT_BATCH,
            way.evaluation(), float64 ? DType.F64 : DType.F32);
    Precision queries = float64 ? Precision.FP32 : way.queries();
    try (Classifier classifier = Classifier.of(own.model(), own, queries)) {
      return StudyClock.score(classifier, settings, samples, progress, null);
    }
  }
}
