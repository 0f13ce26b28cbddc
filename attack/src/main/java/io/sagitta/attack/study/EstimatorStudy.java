package io.sagitta.attack.study;

import io.sagitta.attack.report.StudyReport;
import io.sagitta.attack.score.Estimator;
import io.sagitta.attack.score.ScoreListener;
import io.sagitta.attack.score.ScorePrecision;
import io.sagitta.attack.score.ScoreSettings;
import io.sagitta.engine.curvature.InputSpectrum;
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
import java.util.stream.Stream;

/**
 * Every estimator of the same samples' curvature, with few and with many trials, against what it
 * estimates: the trace of the input Hessian or its Frobenius norm, both from the exact spectrum in
 * float64. Estimators that are proportional to the norm are multiplied by the one factor that fits
 * all samples best, since attacks do not mind one.
 */
public final class EstimatorStudy {
  /** All that are measured by the exact one. */
  public static final List<Estimator> ESTIMATORS =
      Arrays.stream(Estimator.values()).filter(e -> e != Estimator.EXACT).toList();

  /** Those that are proportional to the Frobenius norm; the others estimate the trace. */
  private static final List<Estimator> OF_NORM = List.of(Estimator.ZO, Estimator.GRADIENT_NORM);

  static final String MEASURE =
      "Errors are relative to the exact trace, of zo and gradient-norm to the exact Frobenius norm"
          + " after one common factor, the same for all images, which attacks do not mind; an"
          + " estimate of a trace below zero counts as zero. The exact spectrum in float64 was found"
          + " on the processor.";

  static final String BENDS =
      "The exact Hessian is that of the piece of the network, linear but for the softmax, that the"
          + " image lies in. Stencils and gradient differences reach over the bends between pieces,"
          + " the further the greater h is; as h shrinks they approach it.";

  /** Fewer do not leave Hutch++ an error. */
  private static final int LEAST_TRIALS = 4;

  private final Weights weights;
  private final List<Estimator> estimators;
  private final double[] steps;
  private final int[] trials;
  private final long seed;
  private final StudyListener listener;
  private int done;

  /**
   * @param weights the model, on the device to be studied; not closed by this
   * @param estimators which, the exact one not among them
   * @param steps h of the estimators that have one
   * @param trials the numbers of trials, each at least 4
   * @param seed of the directions
   */
  public EstimatorStudy(
      Weights weights, List<Estimator> estimators, double[] steps, int[] trials, long seed,
      StudyListener listener) {
    check(steps, trials);
    this.weights = weights;
    this.estimators = List.copyOf(estimators);
    this.steps = steps.clone();
    this.trials = trials.clone();
    this.seed = seed;
    this.listener = listener;
  }

  /**
   * Finds a step or a number of trials that is out of range before any work.
   *
   * @throws IllegalArgumentException naming it
   */
  public static void check(double[] steps, int[] trials) {
    if (steps.length == 0 || trials.length == 0) {
      throw new IllegalArgumentException("estimators: expected at least one h and one n");
    }
    for (double h : steps) {
      ScoreSettings.zeroOrder(h, LEAST_TRIALS, 0);
    }
    for (int n : trials) {
      ScoreSettings.zeroOrder(steps[0], n, 0);
      if (n < LEAST_TRIALS) {
        throw new IllegalArgumentException(
            "estimators: expected n of at least " + LEAST_TRIALS + ", got " + n);
      }
    }
  }

  /**
   * Scores all samples in every way.
   *
   * @return the exact traces first
   * @throws IllegalArgumentException if the model is not piecewise linear
   */
  public List<StudyOutcome> run(ImageDataset samples) {
    done = 0;
    double[] norms = new double[samples.size()];
    List<StudyOutcome> outcomes = new ArrayList<>();
    outcomes.add(exact(samples, norms));
    double[] traces = outcomes.get(0).scores();
    try (Classifier classifier = Classifier.of(weights.model(), weights)) {
      outcomes.add(on(classifier, Estimator.EXACT, steps[0], LEAST_TRIALS, samples, traces));
      for (Estimator estimator : estimators) {
        double[] wanted = OF_NORM.contains(estimator) ? norms : traces;
        for (double h : estimator.hasStep() ? steps : new double[] {steps[0]}) {
          for (int n : trials) {
            outcomes.add(on(classifier, estimator, h, n, samples, wanted));
          }
        }
      }
    }
    return outcomes;
  }

  private StudyOutcome exact(ImageDataset samples, double[] norms) {
    ScoreSettings settings =
        ScorePrecision.FLOAT64.settings(Estimator.EXACT, steps[0], LEAST_TRIALS, seed, p -> true);
    try (ReferenceBackend float64 = ReferenceBackend.onAllCores();
        Weights copy = weights.copyTo(float64);
        Classifier classifier = Classifier.of(copy.model(), copy)) {
      List<InputSpectrum> spectra = new ArrayList<>();
      StudyClock.Timed timed =
          StudyClock.score(
              classifier, settings, samples, progress("exact, float64"), spectra::add);
      Arrays.setAll(norms, s -> spectra.get(s).frobenius());
      String name = "exact, float64";
      return new StudyOutcome(
          new Setting(name, name, Estimator.EXACT, Double.NaN, 0), timed.scores(), null,
          timed.seconds());
    }
  }

  private StudyOutcome on(
      Classifier classifier, Estimator estimator, double h, int n, ImageDataset samples,
      double[] exact) {
    ScoreSettings settings =
        ScorePrecision.AUTO.settings(
            estimator, h, n, seed, weights.backend()::supports);
    String series = estimator.text() + (estimator.hasStep() ? ", h = " + h : "");
    boolean all = estimator == Estimator.EXACT;
    String name = all ? series : series + ", n = " + n;
    Setting setting =
        new Setting(name, series, estimator, estimator.hasStep() ? h : Double.NaN, all ? 0 : n);
    StudyClock.Timed timed =
        StudyClock.score(classifier, settings, samples, progress(name), null);
    double[] scores = timed.scores().clone();
    double factor = OF_NORM.contains(estimator) ? factor(scores, exact) : 1;
    // An estimate of a trace can fall below zero, its logarithm cannot.
    Arrays.setAll(scores, s -> Math.max(0, factor * scores[s]));
    return new StudyOutcome(setting, scores, exact, factor, timed.seconds());
  }

  /** The median of what each score would have to be multiplied by. */
  private static double factor(double[] scores, double[] exact) {
    double[] factors = new double[scores.length];
    Arrays.setAll(factors, s -> scores[s] == 0 ? 1 : exact[s] / scores[s]);
    Arrays.sort(factors);
    return factors[factors.length / 2];
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
            "estimators",
            "Estimators of curvature",
            "Every estimator, with few trials and with many, against the trace or the Frobenius"
                + " norm of the exact input Hessian: how close does it come, and how fast?");
    ScoringTable.add(
        report, outcomes, "Along a line the trials grow in number to the left.");
    Stream.of(Estimator.values())
        .forEach(
            estimator ->
                outcomes.stream()
                    .filter(o -> o.exact() != null && o.setting().estimator() == estimator)
                    .min(Comparator.comparingDouble(o -> o.errors().median()))
                    .ifPresent(best -> report.found(closest(best))));
    return report
        .note(MEASURE)
        .note(
            "exact, hutchinson, hutch++ and zo-trace estimate the trace of the input Hessian;"
                + " hutchinson and zo-trace average over random directions, hutch++ takes the"
                + " greatest eigenvalues exactly.")
        .note(BENDS)
        .setup(setup);
  }

  private static String closest(StudyOutcome best) {
    return String.format(
        Locale.ROOT, "%s comes closest with a median error of %s and a log correlation of %.5f, at"
            + " %s images a second.",
        best.name(), Words.figure(best.errors().median()),
        best.errors().logCorrelation(), Words.figure(best.samplesPerSecond()));
  }

  private ScoreListener progress(String way) {
    long stepped = estimators.stream().filter(Estimator::hasStep).count();
    double ways =
        2 + trials.length * (estimators.size() - stepped + stepped * steps.length);
    double before = done++;
    return (scored, total) ->
        listener.onScored(way, (before + (double) scored / total) / ways);
  }
}
