package io.sagitta.attack.score;

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
import java.util.List;

/**
 * The published zero-order score of the same samples along the same directions, evaluated in every
 * way that a device has and in float64, with the error and the speed of each. Float64 subtracts the
 * losses of plain queries and shares no rule with the streams, so it is what both are measured by.
 */
public final class PrecisionStudy {
  /** Float64 queries at a time: eight bytes a number, on the heap. */
  static final int FLOAT64_BATCH = 32;

  /**
   * A way to evaluate.
   *
   * @param queries the arithmetic of convolutions outside of streams; null for float64
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
          new StudyOutcome(way.name(), way.name(), timed.scores(), exact, timed.seconds()));
      exact = exact == null ? timed.scores() : exact;
    }
    return outcomes;
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
            Estimator.ZO, h, n, seed, float64 ? FLOAT64_BATCH : ScoreSettings.DEFAULT_BATCH,
            way.evaluation(), float64 ? DType.F64 : DType.F32);
    Precision queries = float64 ? Precision.FP32 : way.queries();
    try (Classifier classifier = Classifier.of(own.model(), own, queries)) {
      return StudyClock.score(classifier, settings, samples, progress, null);
    }
  }
}
