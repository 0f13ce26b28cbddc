package io.sagitta.kernels;

import java.util.Arrays;
import java.util.List;

/** Central differences through group normalisation, at steps that leave nothing of a subtraction. */
final class GroupNormStencilCases {
  private static final double[] STEPS = {0.3, 1e-3, 1e-6};
  private static final double EPSILON = 1e-5;

  private GroupNormStencilCases() {}

  static List<ConformanceCase> all() {
    return List.of(
        new ConformanceCase(
            "stencilGroupNorm", "every shape and step", GroupNormStencilCases::everyShape),
        new ConformanceCase(
            "stencilGroupNorm", "of equal numbers", GroupNormStencilCases::equalNumbers),
        new ConformanceCase(
            "stencilGroupNorm", "of differences far from zero", GroupNormStencilCases::farMeans),
        new ConformanceCase(
            "stencilGroupNorm", "to equal numbers", GroupNormStencilCases::toEqualNumbers),
        new ConformanceCase("stencilGroupNorm", "keeps a NaN", GroupNormStencilCases::ofNaN));
  }

  private static void everyShape(Duel d) {
    for (GroupNormGeometry g : GroupNormCases.SHAPES) {
      for (double h : STEPS) {
        for (boolean first : new boolean[] {true, false}) {
          double[] x = d.normals(Math.toIntExact(g.elements()));
          check(d, g + ", h = " + h, g, x, moves(d, g, h), first ? null : evens(d, g, h));
        }
      }
    }
  }

  /** Variance zero: ε alone stands under the root, and every step is large beside it. */
  private static void equalNumbers(Duel d) {
    GroupNormGeometry g = new GroupNormGeometry(2, 33, 12, 4);
    double[] x = new double[Math.toIntExact(g.elements())];
    Arrays.fill(x, 3.3);
    for (double h : STEPS) {
      check(d, "h = " + h, g, x, moves(d, g, h), evens(d, g, h));
    }
  }

  /** What all of a group have in common is lost by normalisation, and must not cost digits. */
  private static void farMeans(Duel d) {
    GroupNormGeometry g = new GroupNormGeometry(2, 1025, 8, 4);
    double h = 1e-3;
    double[] x = d.normals(Math.toIntExact(g.elements()));
    double[] odd = moves(d, g, h);
    double[] even = evens(d, g, h);
    for (int i = 0; i < x.length; i++) {
      int group = i % g.channels() / g.groupChannels();
      x[i] += 100 * group;
      odd[i] += 10 * h * group;
      even[i] += 10 * h * h * group;
    }
    check(d, "h = " + h, g, x, odd, even);
  }

  /** At x + d no variance is left, which rounding must not make negative. */
  private static void toEqualNumbers(Duel d) {
    GroupNormGeometry g = new GroupNormGeometry(2, 33, 12, 4);
    double[] x = d.normals(Math.toIntExact(g.elements()));
    double[] odd = new double[x.length];
    for (int i = 0; i < x.length; i++) {
      x[i] *= 1e4;
      odd[i] = -(float) x[i];
    }
    Run run = run(d, g, x, odd, null);
    double[] scale = new double[x.length];
    Arrays.fill(scale, 4);
    Tolerance rough =
        Tolerance.override(1, 0, "the statistics' rounding is all that is left of the variance");
    d.check("odd", run.oddY, rough, scale);
    d.check("even", run.evenY, rough, scale);
  }

  /** The NaN's group becomes NaN, others do not. */
  private static void ofNaN(Duel d) {
    GroupNormGeometry g = new GroupNormGeometry(2, 5, 6, 3);
    double[] x = d.normals(Math.toIntExact(g.elements()));
    double[] odd = moves(d, g, 1e-3);
    double[] even = evens(d, g, 1e-3);
    odd[0] = Double.NaN;
    even[32] = Double.NaN;
    check(d, "a NaN", g, x, odd, even);
  }

  private static double[] moves(Duel d, GroupNormGeometry g, double h) {
    double[] odd = d.normals(Math.toIntExact(g.elements()));
    for (int i = 0; i < odd.length; i++) {
      odd[i] *= h;
    }
    return odd;
  }

  /** Even parts of the order of the odd ones, or in every other sample of their squares. */
  private static double[] evens(Duel d, GroupNormGeometry g, double h) {
    double[] even = d.normals(Math.toIntExact(g.elements()));
    for (int i = 0; i < even.length; i++) {
      even[i] *= i / g.sampleElements() % 2 == 0 ? h * h : h;
    }
    return even;
  }

  private record Run(
      double[] x, double[] statistics, double[] gamma, double[] odd, double[] even, Duel.Pair oddY,
      Duel.Pair evenY) {}

  private static Run run(Duel d, GroupNormGeometry g, double[] x, double[] odd, double[] even) {
    Duel.Pair images = d.of(x);
    Duel.Pair statistics = d.of(statistics(g, images.initial()));
    Duel.Pair gamma = d.normal(g.channels());
    Duel.Pair odds = d.of(odd);
    Duel.Pair evens = even == null ? null : d.of(even);
    Duel.Pair oddY = d.output(x.length);
    Duel.Pair evenY = d.output(x.length);
    d.run(
        on ->
            on.backend.stencilGroupNorm(
                g, on.at(images), on.at(statistics), on.at(gamma), EPSILON, on.at(odds),
                even == null ? null : on.at(evens), on.at(oddY), on.at(evenY)));
    return new Run(
        images.initial(), statistics.initial(), gamma.initial(), odds.initial(),
        even == null ? new double[x.length] : evens.initial(), oddY, evenY);
  }

  /**
   * Of every element's formula the terms are no greater than {@code γr(1 + |x̂|)} times the greatest
   * difference of its group, or, in the even part, times an even one and r times an odd one squared.
   */
  private static void check(
      Duel d, String what, GroupNormGeometry g, double[] x, double[] odd, double[] even) {
    Run run = run(d, g, x, odd, even);
    double[] greatestOdd = greatest(g, run.odd);
    double[] greatestEven = greatest(g, run.even);
    double[] oddScale = new double[x.length];
    double[] evenScale = new double[x.length];
    for (int i = 0; i < x.length; i++) {
      int group = group(g, i);
      double inverse = 1 / Math.sqrt(run.statistics[variance(g, i)] + EPSILON);
      double hat = (run.x[i] - run.statistics[variance(g, i) - g.groups()]) * inverse;
      double factor = run.gamma[i % g.channels()] * inverse * (1 + Math.abs(hat));
      double o = greatestOdd[group];
      double e = greatestEven[group];
      oddScale[i] = factor * (o + e);
      evenScale[i] = factor * (e + inverse * (o + e) * (o + e));
    }
    d.check("odd of " + what, run.oddY, d.elementwise(), oddScale);
    d.check("even of " + what, run.evenY, d.elementwise(), evenScale);
  }

  private static double[] greatest(GroupNormGeometry g, double[] values) {
    double[] greatest = new double[g.samples() * g.groups()];
    for (int i = 0; i < values.length; i++) {
      greatest[group(g, i)] = Math.max(greatest[group(g, i)], Math.abs(values[i]));
    }
    return greatest;
  }

  private static double[] statistics(GroupNormGeometry g, double[] x) {
    double[] statistics = new double[2 * g.samples() * g.groups()];
    for (int i = 0; i < x.length; i++) {
      statistics[variance(g, i) - g.groups()] += x[i] / g.groupElements();
    }
    for (int i = 0; i < x.length; i++) {
      double deviation = x[i] - statistics[variance(g, i) - g.groups()];
      statistics[variance(g, i)] += deviation * deviation / g.groupElements();
    }
    return statistics;
  }

  private static int group(GroupNormGeometry g, int i) {
    int sample = Math.toIntExact(i / g.sampleElements());
    return sample * g.groups() + i % g.channels() / g.groupChannels();
  }

  /** Where element i's group has its variance. */
  private static int variance(GroupNormGeometry g, int i) {
    int sample = Math.toIntExact(i / g.sampleElements());
    return (2 * sample + 1) * g.groups() + i % g.channels() / g.groupChannels();
  }
}
