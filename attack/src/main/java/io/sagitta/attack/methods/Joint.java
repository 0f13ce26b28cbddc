package io.sagitta.attack.methods;

import io.sagitta.attack.metrics.Roc;
import io.sagitta.attack.run.ScoreSet;
import io.sagitta.attack.run.Signal;
import io.sagitta.attack.statistics.LogisticRegression;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Logit and curvature together. The likelihood ratios of both, and that of a bivariate Gaussian,
 * say the most only as far as the Gaussian models and their noisy means hold; how far is learnt
 * from the shadows. Each shadow is taken for a target of known membership, its {@link JointEvidence} drawn
 * from the statistics of the other shadows, and a logistic regression weighs the evidence.
 *
 * <p>So that it does not lose to one of its parts, the regression is fitted to either half of the
 * shadows and tried on the other; if its mean AUROC there is no better than that of the logit's or
 * the curvature's ratio alone, that ratio is the answer.
 */
final class Joint implements Attack {
  private static final double RIDGE = 1e-5;

  /** Examples that are enough for ten weights. */
  private static final int ENOUGH = 60_000;

  /** One shadow's evidence of samples of known membership. */
  private record Examples(double[][] evidence, boolean[] members) {}

  @Override
  public String id() {
    return "joint";
  }

  @Override
  public String title() {
    return "Joint";
  }

  @Override
  public String reference() {
    return "Sagitta: likelihood ratios of curvature and logit, stacked (Wolpert 1992) on the"
        + " shadows";
  }

  @Override
  public String formula() {
    return "log odds of a regression on the ratios of logit and curvature, learnt from the shadows";
  }

  @Override
  public Set<Mode> modes() {
    return Set.of(Mode.CORRECTED);
  }

  @Override
  public Needs needs(Mode mode) {
    return new Needs(Set.of(Signal.LOGIT, Signal.CURV_ZO), true, true, true);
  }

  @Override
  public Guess guess(AttackInput input) {
    JointEvidence evidence =
        input.once(
            "joint evidence " + input.variance(), () -> JointEvidence.of(input));
    Stack stack = input.once("joint " + input.variance(), () -> learn(input.pool(), evidence));
    double[][] rows = evidence.ofTarget(input);
    double[] scores = new double[rows.length];
    int imputed = 0;
    boolean[] imputedSamples = evidence.imputed();
    for (int s = 0; s < rows.length; s++) {
      scores[s] = rows[s] == null ? Double.NaN : stack.score(rows[s]);
      imputed += rows[s] != null && imputedSamples[s] ? 1 : 0;
    }
    return new Guess(scores, imputed);
  }

  private static Stack learn(ShadowPool pool, JointEvidence evidence) {
    List<Examples> examples = examples(pool, evidence);
    List<Examples> even = half(examples, 0);
    List<Examples> odd = half(examples, 1);
    if (!bothKinds(even) || !bothKinds(odd)) {
      return Stack.part(JointEvidence.LOGIT);
    }
    double stacked = auroc(Stack.fit(even), odd) + auroc(Stack.fit(odd), even);
    double best = stacked;
    Stack choice = null;
    for (int part : new int[] {JointEvidence.LOGIT, JointEvidence.CURVATURE}) {
      Stack alone = Stack.part(part);
      double reached = auroc(alone, odd) + auroc(alone, even);
      if (reached >= best) {
        best = reached;
        choice = alone;
      }
    }
    return choice == null ? Stack.fit(examples) : choice;
  }

  private static List<Examples> examples(ShadowPool pool, JointEvidence evidence) {
    ScoreSet scores = pool.scores();
    int[] shadows = evidence.shadows();
    int step = Math.max(1, (int) ((long) shadows.length * scores.samples() / ENOUGH));
    List<Examples> examples = new ArrayList<>();
    for (int shadow : shadows) {
      double[][] rows = evidence.ofShadow(shadow);
      int[] used =
          IntStream.iterate(0, s -> s < rows.length, s -> s + step)
              .filter(s -> rows[s] != null)
              .toArray();
      double[][] evidenceOf = new double[used.length][];
      boolean[] members = new boolean[used.length];
      for (int i = 0; i < used.length; i++) {
        evidenceOf[i] = rows[used[i]];
        members[i] = scores.member(shadow, used[i]);
      }
      examples.add(new Examples(evidenceOf, members));
    }
    return examples;
  }

  private static List<Examples> half(List<Examples> examples, int parity) {
    return IntStream.range(0, examples.size())
        .filter(i -> i % 2 == parity)
        .mapToObj(examples::get)
        .toList();
  }

  private static boolean bothKinds(List<Examples> examples) {
    return examples.stream().anyMatch(Joint::hasBothKinds);
  }

  private static boolean hasBothKinds(Examples examples) {
    int members = 0;
    for (boolean member : examples.members()) {
      members += member ? 1 : 0;
    }
    return members > 0 && members < examples.members().length;
  }

  /** The mean over shadows. */
  private static double auroc(Stack stack, List<Examples> examples) {
    return examples.stream()
        .filter(Joint::hasBothKinds)
        .mapToDouble(shadow -> auroc(stack, shadow))
        .average()
        .orElseThrow();
  }

  private static double auroc(Stack stack, Examples shadow) {
    double[] scores = Arrays.stream(shadow.evidence()).mapToDouble(stack::score).toArray();
    return Roc.of(scores, shadow.members()).auroc();
  }

  /** What weighs the evidence: a regression on standardised entries, or one entry alone. */
  private record Stack(LogisticRegression model, double[] means, double[] scales, int part) {
    static Stack part(int part) {
      return new Stack(null, null, null, part);
    }

    static Stack fit(List<Examples> examples) {
      double[][] rows =
          examples.stream().flatMap(e -> Arrays.stream(e.evidence())).toArray(double[][]::new);
      boolean[] members = new boolean[rows.length];
      int at = 0;
      for (Examples one : examples) {
        System.arraycopy(one.members(), 0, members, at, one.members().length);
        at += one.members().length;
      }
      double[] means = new double[JointEvidence.ENTRIES];
      double[] scales = new double[JointEvidence.ENTRIES];
      for (int f = 0; f < means.length; f++) {
        int entry = f;
        double mean = Arrays.stream(rows).mapToDouble(row -> row[entry]).average().orElseThrow();
        double squares =
            Arrays.stream(rows).mapToDouble(r -> (r[entry] - mean) * (r[entry] - mean)).sum();
        means[f] = mean;
        scales[f] = squares > 0 ? 1 / Math.sqrt(squares / rows.length) : 0;
      }
      Stack scaled = new Stack(null, means, scales, -1);
      double[][] standard = Arrays.stream(rows).map(scaled::standard).toArray(double[][]::new);
      int[] all = IntStream.range(0, rows.length).toArray();
      return new Stack(
          LogisticRegression.fit(standard, members, all, RIDGE), means, scales, -1);
    }

    double score(double[] row) {
      return part >= 0 ? row[part] : model.logOdds(standard(row));
    }

    private double[] standard(double[] row) {
      double[] standard = new double[row.length];
      Arrays.setAll(standard, f -> (row[f] - means[f]) * scales[f]);
      return standard;
    }
  }
}
