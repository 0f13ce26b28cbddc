package io.sagitta.attack.study;

import io.sagitta.attack.report.Axis;
import io.sagitta.attack.report.DataTable;
import io.sagitta.attack.report.LineChart;
import io.sagitta.attack.report.StudyReport;
import io.sagitta.attack.score.Estimator;
import io.sagitta.attack.score.ScoreErrors;
import io.sagitta.nn.data.ImageDataset;
import io.sagitta.nn.models.Classifier;
import io.sagitta.nn.models.Weights;
import io.sagitta.nn.train.Evaluator;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** How cost and error of the estimators grow with the network's size and with their trials. */
public final class CostStudy {
  private static final String FORWARD = "forward";
  private static final int BATCH = 64;
  private static final double LEAST_SECONDS = 0.5;
  private static final double NANOS = 1e-9;

  private final List<Measured> measured = new ArrayList<>();

  /** One network's outcomes, and the images a second of its forward pass. */
  private record Measured(int width, long parameters, List<StudyOutcome> outcomes) {
    double forward() {
      return outcomes.get(0).samplesPerSecond();
    }

    /** What an image's score costs, in forward passes. */
    double passes(StudyOutcome outcome) {
      return forward() / outcome.samplesPerSecond();
    }

    List<StudyOutcome> estimates() {
      return outcomes.stream().filter(o -> o.exact() != null).toList();
    }
  }

  /**
   * Times the forward pass, and scores by every estimator.
   *
   * @param estimators which, the exact one not among them
   * @return the forward pass first
   */
  public static List<StudyOutcome> run(
      Weights weights, List<Estimator> estimators, double h, int[] n, long seed,
      StudyListener listener, ImageDataset samples) {
    List<StudyOutcome> outcomes = new ArrayList<>();
    try (Classifier classifier = Classifier.of(weights.model(), weights)) {
      outcomes.add(forward(classifier, samples));
    }
    outcomes.addAll(
        new EstimatorStudy(weights, estimators, new double[] {h}, n, seed, listener).run(samples));
    return outcomes;
  }

  private static StudyOutcome forward(Classifier classifier, ImageDataset samples) {
    int[] all = IntStream.range(0, samples.size()).toArray();
    Evaluator.logits(classifier, samples, all, BATCH);
    long start = System.nanoTime();
    int rounds = 0;
    double seconds;
    do {
      Evaluator.logits(classifier, samples, all, BATCH);
      rounds++;
      seconds = (System.nanoTime() - start) * NANOS;
    } while (seconds < LEAST_SECONDS);
    return new StudyOutcome(
        new Setting(FORWARD, FORWARD, null, Double.NaN, 0), new double[samples.size()], null,
        seconds / rounds);
  }

  /**
   * Takes a network's outcomes.
   *
   * @param width channels of its first stage
   * @param parameters how many numbers it was trained in
   * @param outcomes of {@link #run}
   */
  public void add(int width, long parameters, List<StudyOutcome> outcomes) {
    measured.add(new Measured(width, parameters, outcomes));
  }

  /**
   * What was found.
   *
   * @param setup how it was made, in words
   */
  public StudyReport report(Map<String, String> setup) {
    LineChart costs =
        new LineChart(Axis.log("Parameters"), Axis.log("Forward passes an image"));
    LineChart errors =
        new LineChart(
            Axis.log("Parameters"),
            Axis.log("Median relative error").notBelow(ScoringTable.FLOOR));
    Map<String, List<Point>> lines = lines();
    lines.forEach(
        (name, points) -> {
          double[] sizes = points.stream().mapToDouble(p -> p.of.parameters).toArray();
          costs.line(name, sizes, points.stream().mapToDouble(Point::passes).toArray());
          errors.line(
              name, sizes, points.stream().mapToDouble(p -> p.errors().median()).toArray());
        });
    StudyReport report =
        new StudyReport(
            "cost",
            "Cost and error over the size of the network",
            "What does an image's curvature cost, counted in forward passes, how close does it"
                + " come, and how do both grow with the network and with the number of directions?");
    lines.forEach((name, points) -> report.found(found(name, points)));
    return report
        .table(table())
        .plot(
            costs.plot(
                "cost", "Cost over the network's size",
                "Time of a score over the time of a forward pass of the same network, measured."
                    + " Level lines grow as the network does."))
        .plot(
            errors.plot(
                "cost-error", "Error over the network's size",
                "Against the exact trace, of zo and gradient-norm against the exact Frobenius norm"
                    + " after one common factor."))
        .note(
            "Every network was trained in the same way before. Wider ones fit the images better, so"
                + " that their curvatures differ too.")
        .note(EstimatorStudy.MEASURE)
        .note(
            "Times are of one device and one run: read them within tens of per cent. Small networks"
                + " spend a greater part on everything but arithmetic.")
        .setup(setup);
  }

  private record Point(Measured of, StudyOutcome outcome) {
    double passes() {
      return of.passes(outcome);
    }

    ScoreErrors errors() {
      return outcome.errors();
    }
  }

  private Map<String, List<Point>> lines() {
    return measured.stream()
        .sorted(Comparator.comparingLong(Measured::parameters))
        .flatMap(m -> m.estimates().stream().map(outcome -> new Point(m, outcome)))
        .collect(
            Collectors.groupingBy(
                p -> p.outcome.name(), LinkedHashMap::new, Collectors.toList()));
  }

  private static String found(String name, List<Point> points) {
    Point first = points.get(0);
    Point last = points.get(points.size() - 1);
    String text =
        String.format(
            Locale.ROOT, "%s costs %s forward passes an image at width %d", name,
            Words.figure(first.passes()), first.of.width);
    String error =
        String.format(
            Locale.ROOT, "; its median error is %s", Words.figure(first.errors().median()));
    return first == last
        ? text + error + "."
        : text + String.format(
                Locale.ROOT, " and %s at width %d", Words.figure(last.passes()), last.of.width)
            + error
            + String.format(Locale.ROOT, " and %s.", Words.figure(last.errors().median()));
  }

  private DataTable table() {
    DataTable table =
        DataTable.of("rows", "Networks and estimators")
            .text("evaluation", "Evaluation").count("width", "Width")
            .count("parameters", "Parameters").figure("samples_per_second", "Images a second")
            .figure("forward_passes", "Forward passes an image")
            .figure("median_relative_error", "Median relative error")
            .correlation("log_correlation", "Log correlation");
    for (Measured m : measured) {
      for (StudyOutcome outcome : m.outcomes) {
        ScoreErrors errors = outcome.errors();
        table.row(
            outcome.name(), m.width, m.parameters, outcome.samplesPerSecond(),
            m.passes(outcome), errors == null ? null : errors.median(),
            errors == null ? null : errors.logCorrelation());
      }
    }
    return table;
  }
}
