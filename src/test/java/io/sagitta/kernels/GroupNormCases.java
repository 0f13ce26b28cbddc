package io.sagitta.kernels;

import java.util.Arrays;
import java.util.List;

/** Group normalisation. */
final class GroupNormCases {
  private static final boolean[] BOTH = {false, true};
  private static final double EPSILON = 1e-5;

  /** A channel a group, one group for all, groups of three; long rows, wide rows, and no sample. */
  static final List<GroupNormGeometry> SHAPES =
      List.of(
          new GroupNormGeometry(1, 1, 1, 1), new GroupNormGeometry(3, 4, 6, 6),
          new GroupNormGeometry(2, 9, 6, 1), new GroupNormGeometry(2, 33, 12, 4),
          new GroupNormGeometry(3, 257, 48, 24), new GroupNormGeometry(2, 1200, 33, 11),
          new GroupNormGeometry(1, 5, 1100, 10), new GroupNormGeometry(0, 4, 8, 4));

  private GroupNormCases() {}

  static List<ConformanceCase> all() {
    return List.of(
        new ConformanceCase("groupNormStatistics", "every shape", GroupNormCases::statistics),
        new ConformanceCase(
            "groupNormStatistics", "keeps digits far from zero", GroupNormCases::offCentre),
        new ConformanceCase("groupNormApply", "every shape, fused or not", GroupNormCases::apply),
        new ConformanceCase("groupNormSums", "every shape, rectified or not", GroupNormCases::sums),
        new ConformanceCase(
            "groupNormGradInput", "every shape, rectified or not", GroupNormCases::gradInput));
  }

  private static void statistics(Duel d) {
    for (GroupNormGeometry g : SHAPES) {
      Duel.Pair x = d.normal(g.elements());
      Duel.Pair statistics = d.output(2L * g.samples() * g.groups());
      d.run(on -> on.backend.groupNormStatistics(g, on.at(x), on.at(statistics)));
      double[] ones = new double[statistics.size()];
      Arrays.fill(ones, 1);
      d.check(
          g.toString(), statistics, d.elementwise().summing(Math.toIntExact(g.groupElements())),
          ones);
    }
  }

  private static void offCentre(Duel d) {
    GroupNormGeometry g = new GroupNormGeometry(3, 1025, 8, 4);
    double[] values = d.normals(Math.toIntExact(g.elements()));
    for (int i = 0; i < values.length; i++) {
      values[i] = 0.5 * values[i] + 100 * (i % g.channels() / g.groupChannels());
    }
    Duel.Pair x = d.of(values);
    Duel.Pair statistics = d.output(2 * g.samples() * g.groups());
    d.run(on -> on.backend.groupNormStatistics(g, on.at(x), on.at(statistics)));
    d.check(
        "means up to 300, deviation 0.5", statistics,
        Tolerance.override(2e-4, 0, "centring in float32 costs a deviation's digits, not all"));
  }

  private static void apply(Duel d) {
    for (GroupNormGeometry g : SHAPES) {
      for (boolean relu : BOTH) {
        for (boolean add : BOTH) {
          Duel.Pair x = d.normal(g.elements());
          Duel.Pair statistics = statistics(d, g);
          Duel.Pair gamma = d.normal(g.channels());
          Duel.Pair beta = d.normal(g.channels());
          Duel.Pair residual = add ? d.normal(g.elements()) : null;
          Duel.Pair y = d.output(g.elements());
          d.run(
              on ->
                  on.backend.groupNormApply(
                      g, on.at(x), on.at(statistics), on.at(gamma), on.at(beta),
                      add ? on.at(residual) : null, relu, EPSILON, on.at(y)));
          d.check(g + ", relu " + relu + ", residual " + add, y, NormCases.terms());
        }
      }
    }
  }

  private static void sums(Duel d) {
    for (GroupNormGeometry g : SHAPES) {
      for (boolean rectified : BOTH) {
        Duel.Pair x = d.normal(g.elements());
        Duel.Pair statistics = statistics(d, g);
        Duel.Pair gradY = d.normal(x.size());
        Duel.Pair y = rectified ? NormCases.output(d, x.size()) : null;
        Duel.Pair sums = d.output(2L * g.samples() * g.channels());
        d.run(
            on ->
                on.backend.groupNormSums(
                    g, on.at(x), on.at(statistics), on.at(gradY), rectified ? on.at(y) : null,
                    EPSILON, on.at(sums)));
        double[] scale = new double[sums.size()];
        Arrays.fill(scale, 5.0 * g.rows());
        d.check(g + ", rectified " + rectified, sums, d.elementwise(), scale);
      }
    }
  }

  private static void gradInput(Duel d) {
    for (GroupNormGeometry g : SHAPES) {
      for (boolean rectified : BOTH) {
        Duel.Pair x = d.normal(g.elements());
        Duel.Pair statistics = statistics(d, g);
        Duel.Pair gamma = d.normal(g.channels());
        Duel.Pair gradY = d.normal(x.size());
        Duel.Pair y = rectified ? NormCases.output(d, x.size()) : null;
        Duel.Pair sums = d.uniform(2L * g.samples() * g.channels(), -g.rows(), g.rows());
        Duel.Pair gradX = d.output(x.size());
        d.run(
            on ->
                on.backend.groupNormGradInput(
                    g, on.at(x), on.at(statistics), on.at(gamma), on.at(gradY),
                    rectified ? on.at(y) : null, on.at(sums), EPSILON, on.at(gradX)));
        d.check(g + ", rectified " + rectified, gradX, NormCases.terms());
      }
    }
  }

  /** Means near 0 and variances from a half to 2, of each group of each sample. */
  private static Duel.Pair statistics(Duel d, GroupNormGeometry g) {
    double[] values = d.normals(2 * g.samples() * g.groups());
    for (int i = 0; i < values.length; i++) {
      boolean variance = i / g.groups() % 2 == 1;
      values[i] = variance ? 0.5 + 1.5 * i / values.length : values[i];
    }
    return d.of(values);
  }
}
