package io.sagitta.attack.metrics;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * How an attack fared among the samples of one class. What too few samples stand behind is NaN:
 * every figure without a member or a non-member, the last one below {@value #LEAST_NONMEMBERS}
 * non-members, of whom 1 % is less than one.
 *
 * @param label the class
 * @param members its scored members
 * @param nonmembers its scored non-members
 * @param auroc area under its curve
 * @param balancedAccuracy where both kinds of error are equally frequent
 * @param tprAt1e2 share of its members found when at most 1 % of its non-members may be accused
 */
public record ClassFigures(
    long label,
    int members,
    int nonmembers,
    double auroc,
    double balancedAccuracy,
    double tprAt1e2) {
  private static final int LEAST_NONMEMBERS = 100;

  /**
   * The figures of every class that has a sample, ascending by label.
   *
   * @param labels {@code [samples]}
   * @param members {@code [samples]}
   * @param scores {@code [samples]}: higher means "member"; NaN is left out
   */
  public static List<ClassFigures> of(long[] labels, boolean[] members, double[] scores) {
    return classes(labels).entrySet().stream()
        .map(entry -> of(entry.getKey(), entry.getValue(), members, scores))
        .toList();
  }

  /**
   * For every class that has members and non-members, the threshold at which both kinds of error
   * are equally frequent in it, of those that scikit-learn's curve keeps.
   */
  public static double[] equalErrorThresholds(long[] labels, boolean[] members, double[] scores) {
    return classes(labels).values().stream()
        .map(
            samples ->
                new double[][] {
                  select(samples, members, scores, true), select(samples, members, scores, false)
                })
        .filter(sides -> sides[0].length > 0 && sides[1].length > 0)
        .map(sides -> Roc.of(sides[0], sides[1]))
        .mapToDouble(roc -> roc.threshold(roc.keptEqualErrorPoint()))
        .toArray();
  }

  private static Map<Long, List<Integer>> classes(long[] labels) {
    Map<Long, List<Integer>> classes = new TreeMap<>();
    for (int s = 0; s < labels.length; s++) {
      classes.computeIfAbsent(labels[s], label -> new ArrayList<>()).add(s);
    }
    return classes;
  }

  private static ClassFigures of(
      long label, List<Integer> samples, boolean[] members, double[] scores) {
    double[] in = select(samples, members, scores, true);
    double[] out = select(samples, members, scores, false);
    if (in.length == 0 || out.length == 0) {
      return new ClassFigures(
          label, in.length, out.length, Double.NaN, Double.NaN, Double.NaN);
    }
    Figures figures = Figures.exact(Roc.of(in, out));
    return new ClassFigures(
        label, in.length, out.length, figures.auroc(), figures.balancedAccuracy(),
        out.length < LEAST_NONMEMBERS ? Double.NaN : figures.tprAt1e2());
  }

  private static double[] select(
      List<Integer> samples, boolean[] members, double[] scores, boolean member) {
    double[] selected = new double[samples.size()];
    int n = 0;
    for (int s : samples) {
      if (members[s] == member && !Double.isNaN(scores[s])) {
        selected[n++] = scores[s];
      }
    }
    return Arrays.copyOf(selected, n);
  }
}
