package io.sagitta.attack.study;

import io.sagitta.attack.methods.AttackRun;
import io.sagitta.attack.methods.Attacks;
import io.sagitta.attack.methods.Residuals;
import io.sagitta.attack.report.DataTable;
import io.sagitta.attack.report.Plot;
import io.sagitta.attack.report.StudyReport;
import io.sagitta.attack.run.ScoreSet;
import io.sagitta.attack.run.Signal;
import io.sagitta.attack.statistics.Normality;
import io.sagitta.kernels.Philox;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import org.apache.commons.math3.distribution.NormalDistribution;

/**
 * Whether log curvature, and the logit beside it, is Gaussian over models, as likelihood-ratio
 * attacks take it to be: every image's values under models that had it, and under those that had
 * not, tested on their own; and the standardised residuals of all images together, in a Q-Q plot.
 */
public final class GaussianityStudy {
  private static final int PHILOX_PURPOSE = 42;
  private static final double LEVEL = 0.05;

  /** Gaussian images for each real one. */
  private static final int SIMULATIONS = 4;

  private static final double[] FAR = {2, 3, 4};
  private static final NormalDistribution NORMAL = new NormalDistribution(null, 0, 1);

  private final StudiedRun run;
  private final StudyListener listener;
  private final List<Rejections> rejections = new ArrayList<>();

  /**
   * How many images a test rejects.
   *
   * @param values the fewest and the most values of an image
   * @param expected share it rejects of as many Gaussian values, simulated
   */
  private record Rejections(
      Signal signal, boolean members, Normality test, int images, int[] values, double rejected,
      double expected) {
    /** Whether more are rejected than chance would, by three standard errors of both shares. */
    boolean isMore() {
      double variance =
          (rejected * (1 - rejected) + expected * (1 - expected) / SIMULATIONS) / images;
      return rejected - expected > 3 * Math.sqrt(variance);
    }
  }

  /**
   * @param listener hears how far it is
   */
  public GaussianityStudy(StudiedRun run, StudyListener listener) {
    this.run = run;
    this.listener = listener;
  }

  /**
   * Tests.
   *
   * @throws IllegalArgumentException if there are too few models for any test
   */
  public StudyReport report() {
    List<Signal> signals =
        List.of(Signal.CURV_ZO, Signal.LOGIT).stream()
            .filter(signal -> run.models(signal).length > 0)
            .toList();
    for (Signal signal : signals) {
      for (boolean members : new boolean[] {true, false}) {
        test(signal, members);
      }
    }
    if (rejections.isEmpty()) {
      throw new IllegalArgumentException(
          "gaussianity: expected at least " + Normality.SHAPIRO_WILK.least()
              + " models with and without an image, got " + run.scores().models() + " models");
    }
    List<Residuals> residuals =
        AttackRun.evaluate(
                run.scores(), run.targets(),
                Evaluations.corrected(List.of(Attacks.byId("yeom"))))
            .residuals();
    StudyReport report =
        new StudyReport(
            "gaussianity",
            "Is log curvature Gaussian?",
            "Likelihood-ratio attacks fit one Gaussian to an image's log curvature under models"
                + " that had it and one under those that had not. Are they right to?");
    signals.forEach(signal -> report.found(found(signal)));
    report.table(table()).table(tails(residuals));
    residuals.stream()
        .filter(each -> signals.contains(each.signal()))
        .filter(each -> each.in().length > 1 && each.out().length > 1)
        .forEach(each -> report.plot(quantiles(each)));
    return report
        .note(
            "Each image is tested on its own, over models. A test at the 5 % level rejects about"
                + " 5 % of Gaussian images; what it rejects with so few values each was simulated and"
                + " stands beside. With few models a test misses most departures: a share near 5 %"
                + " is no proof.")
        .note(
            "Residuals compare each value with the other models' of its image and side, by"
                + " Student's t made normal: if every image is Gaussian with a mean and deviation of its own,"
                + " they are standard normal. Those of an image are not independent of each other,"
                + " and of tens of thousands a test rejects the smallest departure; the tails"
                + " matter to an attack at low false-positive rates.")
        .note("The images as they are; curvatures of zero left out.")
        .setup(run.setup());
  }

  private static String name(Signal signal) {
    return signal == Signal.LOGIT ? "the logit" : "log curvature";
  }

  private static double value(Signal signal, double raw) {
    return signal == Signal.LOGIT ? raw : Math.log(raw);
  }

  private void test(Signal signal, boolean members) {
    List<double[]> images = images(signal, members);
    String side = name(signal) + (members ? ", members" : ", non-members");
    for (Normality test : Normality.values()) {
      listener.onScored(side + ": " + test.title(), rejections.size() / 12.0);
      List<double[]> testable =
          images.stream()
              .filter(v -> v.length >= test.least() && v.length <= test.most())
              .toList();
      int rejected = 0;
      int tested = 0;
      int simulated = 0;
      Philox philox = new Philox(0);
      for (double[] values : testable) {
        double p = test.test(values);
        if (!Double.isNaN(p)) {
          rejected += p < LEVEL ? 1 : 0;
          for (int s = 0; s < SIMULATIONS; s++) {
            double[] gaussian = new double[values.length];
            long stream = Philox.stream(PHILOX_PURPOSE, (long) tested * SIMULATIONS + s);
            Arrays.setAll(gaussian, i -> philox.normal(stream, i));
            simulated += test.test(gaussian) < LEVEL ? 1 : 0;
          }
          tested++;
        }
      }
      if (tested > 0) {
        int[] counts = testable.stream().mapToInt(v -> v.length).sorted().toArray();
        rejections.add(
            new Rejections(
                signal, members, test, tested, new int[] {counts[0], counts[counts.length - 1]},
                (double) rejected / tested,
                (double) simulated / ((long) SIMULATIONS * tested)));
      }
    }
  }

  /** Every image's finite values under models of one side. */
  private List<double[]> images(Signal signal, boolean members) {
    ScoreSet scores = run.scores();
    int view = scores.viewOrFirst(ScoreSet.IDENTITY);
    int[] models = run.models(signal);
    double[][] values =
        Arrays.stream(models)
            .mapToObj(model -> scores.values(signal, model, view))
            .toArray(double[][]::new);
    return IntStream.range(0, scores.samples())
        .mapToObj(
            s ->
                IntStream.range(0, models.length)
                    .filter(m -> scores.member(models[m], s) == members)
                    .mapToDouble(m -> value(signal, values[m][s]))
                    .filter(Double::isFinite)
                    .toArray())
        .toList();
  }

  private String found(Signal signal) {
    List<String> sides = new ArrayList<>();
    boolean more = false;
    for (boolean members : new boolean[] {true, false}) {
      for (Rejections r : rejections) {
        if (r.signal == signal && r.members == members && r.test == Normality.SHAPIRO_WILK) {
          more |= r.isMore();
          sides.add(
              String.format(
                  Locale.ROOT,
                  "%s of %s images over the models %s them (%d to %d values each; of Gaussian ones"
                      + " it rejects %s)",
                  Words.percent(r.rejected), Words.count(r.images), members ? "with" : "without",
                  r.values[0], r.values[1], Words.percent(r.expected)));
        }
      }
    }
    String verdict =
        more
            ? " That is more than chance: " + name(signal) + " is not quite Gaussian."
            : " That is what chance gives: these models do not show that " + name(signal)
                + " is other than Gaussian.";
    return "Shapiro-Wilk rejects at the 5 % level that " + name(signal) + " is Gaussian for "
        + String.join(" and ", sides) + "." + verdict;
  }

  private DataTable table() {
    DataTable table =
        DataTable.of("rows", "Images rejected at the 5 % level")
            .text("test", "Test")
            .text("signal", "Signal")
            .text("side", "Models")
            .count("images", "Images")
            .count("values_least", "Values, least")
            .count("values_most", "Most")
            .percent("rejected", "Rejected, %")
            .percent("expected", "Of Gaussian ones, %");
    for (Rejections r : rejections) {
      table.row(
          r.test.title(), r.signal == Signal.LOGIT ? "logit" : "log curvature",
          r.members ? "in" : "out", r.images, r.values[0], r.values[1], r.rejected, r.expected);
    }
    return table;
  }

  /** All residuals together. */
  private static DataTable tails(List<Residuals> residuals) {
    DataTable table =
        DataTable.of("residuals", "Residuals of all images together")
            .text("signal", "Signal").text("side", "Models").count("residuals", "Residuals")
            .percent("beyond_2", "Beyond ±2, %")
            .percent("beyond_3", "Beyond ±3, %")
            .percent("beyond_4", "Beyond ±4, %")
            .figure("anderson_darling_p", "Anderson-Darling p")
            .figure("dagostino_p", "D'Agostino-Pearson p");
    table.row(
        "a Gaussian", "", null, beyond(FAR[0]), beyond(FAR[1]), beyond(FAR[2]), null, null);
    for (Residuals each : residuals) {
      for (boolean members : new boolean[] {true, false}) {
        double[] values = members ? each.in() : each.out();
        boolean enough = values.length >= Normality.DAGOSTINO.least();
        table.row(
            each.signal().tensorName(), members ? "in" : "out", values.length,
            share(values, FAR[0]), share(values, FAR[1]), share(values, FAR[2]),
            enough ? Normality.ANDERSON_DARLING.test(values) : null,
            enough ? Normality.DAGOSTINO.test(values) : null);
      }
    }
    return table;
  }

  private static double beyond(double limit) {
    return 2 * NORMAL.cumulativeProbability(-limit);
  }

  private static double share(double[] values, double limit) {
    return Arrays.stream(values).filter(v -> Math.abs(v) > limit).count() / (double) values.length;
  }

  private static Plot quantiles(Residuals residuals) {
    return Plot.quantiles(
        residuals.signal() == Signal.CURV_ZO
            ? "gaussianity"
            : "gaussianity-" + residuals.signal().tensorName().replace('_', '-'),
        "Q-Q of " + name(residuals.signal()),
        "Standardised residuals of all images. On the dotted line they are Gaussian; steeper at the"
            + " ends is heavier tails, which likelihood ratios there take for more than they are.",
        residuals.in(), residuals.out());
  }
}
