package io.sagitta.attack.study;

import io.sagitta.attack.methods.Attack;
import io.sagitta.attack.methods.AttackResult;
import io.sagitta.attack.methods.AttackRun;
import io.sagitta.attack.metrics.Spread;
import io.sagitta.attack.report.Axis;
import io.sagitta.attack.report.DataTable;
import io.sagitta.attack.report.LineChart;
import io.sagitta.attack.report.Plot;
import io.sagitta.attack.report.StudyReport;
import io.sagitta.attack.run.Signal;
import io.sagitta.kernels.Philox;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;

/**
 * How attacks fare with fewer shadows than a run has. Shadows come in pairs of a random half and
 * its complement, so that every image keeps as many models that had it as models that had not; of a
 * number of pairs several random choices are tried.
 */
public final class ShadowsStudy {
  private static final int PHILOX_PURPOSE = 41;
  private static final double CLOSE = 0.01;

  private final StudiedRun run;
  private final List<Attack> attacks;
  private final int subsets;
  private final long seed;
  private final StudyListener listener;
  private final List<Outcome> outcomes = new ArrayList<>();

  private record Outcome(Attack attack, int shadows, int subset, AttackResult result) {
    double auroc() {
      return result.figures().auroc();
    }
  }

  /**
   * @param attacks those that can be carried out are
   * @param subsets choices of shadows for each number of them, at least 1
   * @param seed of the choices
   * @throws IllegalArgumentException if the run has no pair of shadows
   */
  public ShadowsStudy(
      StudiedRun run, List<Attack> attacks, int subsets, long seed, StudyListener listener) {
    if (subsets < 1) {
      throw new IllegalArgumentException("shadows: expected at least 1 subset, got " + subsets);
    }
    this.run = run;
    this.attacks = List.copyOf(attacks);
    this.subsets = subsets;
    this.seed = seed;
    this.listener = listener;
  }

  /** Attacks with 2, 4, 8, … and with all shadows. */
  public StudyReport report() {
    int[] pairs = pairs();
    int[] counts = counts(pairs.length);
    int done = 0;
    int all = Arrays.stream(counts).map(count -> choices(count, pairs.length)).sum();
    for (int count : counts) {
      for (int subset = 0; subset < choices(count, pairs.length); subset++) {
        listener.onScored(Words.many(2L * count, "shadow"), (double) done++ / all);
        attack(count, subset, choose(pairs, count, subset));
      }
    }
    StudyReport report =
        new StudyReport(
            "shadows",
            "How many shadow models?",
            "Shadow models are what an audit costs. How does each attack fare with fewer of them?");
    found(report);
    return report
        .fact("subsets", subsets)
        .table(summary())
        .table(singles())
        .plot(plot())
        .note(
            "Shadows are taken in pairs of complementary halves: each image has as many models that"
                + " had it as models that had not. With all of them there is one choice, with fewer"
                + " up to " + subsets + " random ones.")
        .note(
            "Bands are one standard deviation over targets and choices. Choices overlap and share"
                + " the targets, so that bands are not errors of the mean.")
        .note("Corrected arithmetic. Attacks that use no shadows are level.")
        .setup(run.setup());
  }

  /** The first models of the pairs whose both halves have scores. */
  private int[] pairs() {
    int[] shadows = run.shadows(Signal.LOSS);
    int[] pairs =
        Arrays.stream(shadows)
            .filter(m -> m % 2 == 0 && Arrays.stream(shadows).anyMatch(other -> other == m + 1))
            .toArray();
    if (pairs.length == 0) {
      throw new IllegalArgumentException(
          "shadows: expected a pair of shadow models with scores, 2p and 2p + 1, got shadows "
              + Arrays.toString(shadows));
    }
    return pairs;
  }

  private static int[] counts(int pairs) {
    return IntStream.concat(
            IntStream.iterate(1, count -> count < pairs, count -> 2 * count), IntStream.of(pairs))
        .toArray();
  }

  private int choices(int count, int pairs) {
    return count == pairs ? 1 : subsets;
  }

  /** Some of the pairs: the first ones of a random order. */
  private int[] choose(int[] pairs, int count, int subset) {
    Philox philox = new Philox(seed);
    long stream = Philox.stream(PHILOX_PURPOSE, (long) count << 32 | subset);
    return Arrays.stream(pairs)
        .boxed()
        .sorted(Comparator.comparingDouble(pair -> philox.uniform(stream, pair)))
        .limit(count)
        .flatMapToInt(pair -> IntStream.of(pair, pair + 1))
        .sorted()
        .toArray();
  }

  private void attack(int pairs, int subset, int[] shadows) {
    int[] models =
        IntStream.concat(Arrays.stream(shadows), Arrays.stream(run.targets())).toArray();
    int[] targets = IntStream.range(shadows.length, models.length).toArray();
    AttackRun.evaluate(
            run.scores().select(models), targets, Evaluations.corrected(attacks))
        .results()
        .forEach(r -> outcomes.add(new Outcome(r.attack(), 2 * pairs, subset, r)));
  }

  private List<Attack> attacked() {
    return outcomes.stream().map(Outcome::attack).distinct().toList();
  }

  private int[] shadowCounts(Attack attack) {
    return outcomes.stream()
        .filter(o -> o.attack == attack)
        .mapToInt(Outcome::shadows)
        .distinct()
        .toArray();
  }

  private Spread spread(Attack attack, int shadows, ToDoubleFunction<Outcome> value) {
    return Spread.sample(
        outcomes.stream()
            .filter(o -> o.attack == attack && o.shadows == shadows)
            .mapToDouble(value)
            .toArray());
  }

  private double mean(Attack attack, int shadows) {
    return spread(attack, shadows, Outcome::auroc).mean();
  }

  private void found(StudyReport report) {
    int most = outcomes.stream().mapToInt(Outcome::shadows).max().orElseThrow();
    int least = outcomes.stream().mapToInt(Outcome::shadows).min().orElseThrow();
    report.found(leader(most) + (least < most ? " " + leader(least) : ""));
    for (Attack attack : attacked()) {
      int[] counts = shadowCounts(attack);
      double best = mean(attack, most);
      int enough =
          Arrays.stream(counts).filter(c -> mean(attack, c) >= best - CLOSE).min().orElse(most);
      report.found(
          String.format(
              Locale.ROOT, "%s: AUROC %s with %s, %s with %d; within one point of that from %d on.",
              attack.title(), Words.percent(mean(attack, counts[0])),
              Words.many(counts[0], "shadow"), Words.percent(best), most, enough));
    }
  }

  private String leader(int shadows) {
    Attack best =
        attacked().stream()
            .filter(a -> Arrays.stream(shadowCounts(a)).anyMatch(c -> c == shadows))
            .max(Comparator.comparingDouble(a -> mean(a, shadows)))
            .orElseThrow();
    return "With " + Words.many(shadows, "shadow") + ", " + best.title() + " leads at "
        + Words.percent(mean(best, shadows)) + ".";
  }

  private DataTable summary() {
    DataTable table =
        DataTable.of("rows", "Attacks and shadows")
            .text("attack", "Attack")
            .count("shadows", "Shadows")
            .percent("auroc", "AUROC, %")
            .percent("auroc_std", "± over targets and choices")
            .percent("tpr_at_1e-2", "TPR at 1 % FPR, %");
    for (Attack attack : attacked()) {
      for (int shadows : shadowCounts(attack)) {
        Spread auroc = spread(attack, shadows, Outcome::auroc);
        table.row(
            attack.id(), shadows, auroc.mean(), auroc.deviation(),
            spread(attack, shadows, o -> o.result.figures().tprAt1e2()).mean());
      }
    }
    return table;
  }

  private DataTable singles() {
    DataTable table =
        DataTable.inFiles("evaluations")
            .text("attack", "attack").count("shadows", "shadows").count("subset", "subset")
            .count("target", "target").figure("auroc", "auroc")
            .figure("tpr_at_1e-2", "tpr_at_1e-2");
    for (Outcome o : outcomes) {
      int target = run.targets()[o.result.target() - o.shadows];
      table.row(
          o.attack.id(), o.shadows, o.subset, target, o.auroc(), o.result.figures().tprAt1e2());
    }
    return table;
  }

  private Plot plot() {
    LineChart chart = new LineChart(Axis.doubling("Shadow models"), Axis.linear("AUROC, %"));
    for (Attack attack : attacked()) {
      int[] counts = shadowCounts(attack);
      Spread[] spreads =
          Arrays.stream(counts)
              .mapToObj(c -> spread(attack, c, Outcome::auroc))
              .toArray(Spread[]::new);
      chart.band(
          attack.title(), Arrays.stream(counts).asDoubleStream().toArray(), spreads);
    }
    return chart.plot(
        "shadows", "AUROC over the number of shadows",
        "Mean over targets and choices of shadows, in bands of one standard deviation. Guessing is"
            + " at 50.");
  }
}
