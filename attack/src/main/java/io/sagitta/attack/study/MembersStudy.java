package io.sagitta.attack.study;

import io.sagitta.attack.methods.Distribution;
import io.sagitta.attack.report.Axis;
import io.sagitta.attack.report.DataTable;
import io.sagitta.attack.report.LineChart;
import io.sagitta.attack.report.Plot;
import io.sagitta.attack.report.StudyReport;
import io.sagitta.attack.run.ScoreSet;
import io.sagitta.attack.run.Signal;
import io.sagitta.attack.statistics.MannWhitney;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;

/**
 * Whether members lie lower: each model's curvatures and losses of its members beside those of its
 * non-members (Mann-Whitney), and every image under models that had it beside those that had not.
 */
public final class MembersStudy {
  private static final List<Signal> SIGNALS =
      List.of(Signal.CURV_ZO, Signal.CURV_EXACT, Signal.CURV_TRACE, Signal.LOSS);
  private static final double SIGNIFICANT = 1e-3;

  private final StudiedRun run;
  private final ScoreSet scores;
  private final List<Comparison> comparisons = new ArrayList<>();

  /** One model's members beside its non-members, values that are not finite left out. */
  private record Comparison(
      Signal signal, int view, int model, Distribution values, MannWhitney test) {
    double ratio() {
      return values.nonmemberMedian() / values.memberMedian();
    }
  }

  private MembersStudy(StudiedRun run) {
    this.run = run;
    this.scores = run.scores();
  }

  /**
   * Compares.
   *
   * @throws IllegalArgumentException if no model has a curvature or loss, or one has no members
   */
  public static StudyReport report(StudiedRun run) {
    MembersStudy study = new MembersStudy(run);
    for (Signal signal : SIGNALS) {
      for (int view = 0; view < run.scores().views().size(); view++) {
        for (int model : run.models(signal)) {
          study.compare(signal, view, model);
        }
      }
    }
    if (study.comparisons.isEmpty()) {
      throw new IllegalArgumentException("members: expected scores of curvature or loss, got none");
    }
    return study.report();
  }

  private void compare(Signal signal, int view, int model) {
    double[] values = scores.values(signal, model, view);
    double[] in = side(values, model, true);
    double[] out = side(values, model, false);
    comparisons.add(
        new Comparison(
            signal, view, model, new Distribution(signal, model, in, out),
            MannWhitney.of(in, out)));
  }

  private double[] side(double[] values, int model, boolean member) {
    return IntStream.range(0, values.length)
        .filter(s -> scores.member(model, s) == member && Double.isFinite(values[s]))
        .mapToDouble(s -> values[s])
        .sorted()
        .toArray();
  }

  private StudyReport report() {
    StudyReport report =
        new StudyReport(
            "members",
            "Do members lie lower?",
            "Training on an image is said to flatten the loss around it. Is the curvature of a"
                + " model's members below that of other images of the same data, and by how much?");
    signals().forEach(signal -> report.found(found(signal)));
    int view = scores.viewOrFirst(ScoreSet.IDENTITY);
    Comparison shown =
        of(signals().get(0), view).stream()
            .filter(c -> Arrays.stream(run.targets()).anyMatch(target -> target == c.model))
            .findFirst()
            .orElse(of(signals().get(0), view).get(0));
    return report
        .table(summary())
        .table(models())
        .plot(
            Plot.histogram(
                "members", "One model's members and non-members",
                "Model " + shown.model + ", the images as they are. Where the two overlap, "
                    + name(shown.signal) + " alone cannot tell them apart.",
                name(shown.signal), logs(shown.values.members()),
                logs(shown.values.nonmembers())))
        .plot(everyModel(view))
        .note(
            "P(member lower) is the share of pairs of a member and a non-member in which the member"
                + " lies lower: 50 % without effect. Rank-biserial correlation is twice the"
                + " distance from that.")
        .note(
            "The test takes a model's images as independent, which random halves make them but for"
                + " the model that they share. With thousands of images it finds the smallest"
                + " effect: read its size, not p.")
        .note(
            "Images differ more among each other than membership moves them. The comparison of the"
                + " same image under different models takes that away, as attacks with shadow"
                + " models do.")
        .setup(run.setup());
  }

  private List<Signal> signals() {
    return comparisons.stream().map(Comparison::signal).distinct().toList();
  }

  private List<Comparison> of(Signal signal, int view) {
    return comparisons.stream().filter(c -> c.signal == signal && c.view == view).toList();
  }

  private String found(Signal signal) {
    int view = scores.viewOrFirst(ScoreSet.IDENTITY);
    List<Comparison> own = of(signal, view);
    long lower = own.stream().filter(c -> c.test.lower() > 0.5).count();
    long sure = own.stream().filter(c -> c.test.z() > 0 && c.test.p() < SIGNIFICANT).count();
    double[] shares = sorted(own, c -> c.test.lower());
    double[] ratios = sorted(own, Comparison::ratio);
    String verdict =
        sure == own.size() ? "Members lie lower" : sure == 0 ? "Members do not lie lower"
            : "Members lie lower in some models";
    return String.format(
        Locale.ROOT,
        "%s in %s: below non-members in %d of %s, with p below 0.001 in %d. A random member lies"
            + " below a random non-member with probability %s (%s to %s over models); medians are"
            + " %s times apart. %s",
        verdict, name(signal), lower, Words.many(own.size(), "model"), sure,
        Words.percent(middle(shares)), Words.percent(shares[0]),
        Words.percent(shares[shares.length - 1]), Words.figure(middle(ratios)),
        sameImage(signal, view));
  }

  /** Each image under models that had it beside models that had not. */
  private String sameImage(Signal signal, int view) {
    int[] models = run.models(signal);
    double[] sums = new double[2 * scores.samples()];
    int[] counts = new int[sums.length];
    for (int model : models) {
      double[] values = scores.values(signal, model, view);
      for (int s = 0; s < values.length; s++) {
        double log = Math.log(values[s]);
        if (Double.isFinite(log)) {
          int at = 2 * s + (scores.member(model, s) ? 0 : 1);
          sums[at] += log;
          counts[at]++;
        }
      }
    }
    double[] shifts =
        IntStream.range(0, scores.samples())
            .filter(s -> counts[2 * s] > 0 && counts[2 * s + 1] > 0)
            .mapToDouble(
                s -> sums[2 * s + 1] / counts[2 * s + 1] - sums[2 * s] / counts[2 * s])
            .sorted()
            .toArray();
    if (shifts.length == 0) {
      return "No image has models on both sides.";
    }
    double share = (double) Arrays.stream(shifts).filter(d -> d > 0).count() / shifts.length;
    return String.format(
        Locale.ROOT,
        "The same image lies lower on average under models that had it for %s of %s images, in the"
            + " median by a factor of %s.",
        Words.percent(share), Words.count(shifts.length), Words.figure(Math.exp(middle(shifts))));
  }

  private static double[] sorted(List<Comparison> of, ToDoubleFunction<Comparison> value) {
    return of.stream().mapToDouble(value).sorted().toArray();
  }

  private static double middle(double[] sorted) {
    return (sorted[(sorted.length - 1) / 2] + sorted[sorted.length / 2]) / 2;
  }

  private static String name(Signal signal) {
    return switch (signal) {
      case LOSS -> "loss";
      case CURV_EXACT -> "exact curvature";
      case CURV_TRACE -> "Hutchinson's curvature";
      default -> "zero-order curvature";
    };
  }

  /** Zeros and what is below stand at the least positive value. */
  private static double[] logs(double[] sorted) {
    double least = Arrays.stream(sorted).filter(v -> v > 0).findFirst().orElse(1);
    return Arrays.stream(sorted).map(v -> Math.log10(Math.max(v, least))).toArray();
  }

  private DataTable summary() {
    DataTable table =
        DataTable.of("rows", "Signals and views")
            .text("signal", "Signal")
            .text("view", "View")
            .count("models", "Models")
            .percent("lower", "P(member lower), %")
            .percent("lower_least", "Least, %")
            .percent("lower_most", "Most, %")
            .figure("effect", "Rank-biserial correlation")
            .figure("median_ratio", "Medians' ratio");
    for (Signal signal : signals()) {
      for (int view = 0; view < scores.views().size(); view++) {
        List<Comparison> own = of(signal, view);
        double[] shares = sorted(own, c -> c.test.lower());
        table.row(
            signal.tensorName(), scores.views().get(view), own.size(), middle(shares), shares[0],
            shares[shares.length - 1], 2 * middle(shares) - 1,
            middle(sorted(own, Comparison::ratio)));
      }
    }
    return table;
  }

  private DataTable models() {
    DataTable table =
        DataTable.inFiles("models")
            .text("signal", "signal").text("view", "view").count("model", "model")
            .text("role", "role").count("members", "members")
            .count("nonmembers", "nonmembers").figure("median_members", "median_members")
            .figure("median_nonmembers", "median_nonmembers").figure("lower", "lower")
            .figure("effect", "effect").figure("z", "z").figure("p", "p");
    for (Comparison c : comparisons) {
      boolean target = Arrays.stream(run.targets()).anyMatch(t -> t == c.model);
      table.row(
          c.signal.tensorName(), scores.views().get(c.view), c.model,
          target ? "target" : "shadow", c.values.members().length,
          c.values.nonmembers().length, c.values.memberMedian(), c.values.nonmemberMedian(),
          c.test.lower(), c.test.effect(), c.test.z(), c.test.p());
    }
    return table;
  }

  private Plot everyModel(int view) {
    LineChart chart =
        new LineChart(
            Axis.linear("Model"), Axis.linear("P(member lower), %").between(50, 50));
    double[] ends = {0, scores.models() - 1.0};
    chart.reference("no effect", ends, new double[] {50, 50});
    for (Signal signal : signals()) {
      List<Comparison> own = of(signal, view);
      chart.circles(
          name(signal), own.stream().mapToDouble(Comparison::model).toArray(),
          own.stream().mapToDouble(c -> 100 * c.test.lower()).toArray());
    }
    return chart.plot(
        "members-models", "Every model",
        "How often a random member lies below a random non-member, a point a model.");
  }
}
