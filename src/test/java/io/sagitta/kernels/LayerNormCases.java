package io.sagitta.kernels;

import java.util.Arrays;
import java.util.List;

/** Layer normalisation and the Jacobian of its rows. */
final class LayerNormCases {
  private static final boolean[] BOTH = {false, true};
  private static final double EPSILON = 1e-5;

  /** Rows and columns: none, single ones, a transformer's, the longest of a warp, longer ones. */
  private static final int[][] SHAPES = {
    {0, 4}, {1, 1}, {3, 5}, {7, 33}, {130, 192}, {2, 1024}, {3, 1025}, {2, 5000}
  };

  /**
   * Of the norm of a result, for some ten roundings of 2⁻²⁴ on the way, those of sums among them. One
   * by one elements may be further off: where a difference of terms is next to nothing.
   */
  private static final double LIMIT = 1e-6;

  private LayerNormCases() {}

  static List<ConformanceCase> all() {
    return List.of(
        new ConformanceCase("layerNorm", "every shape, scaled or not", LayerNormCases::apply),
        new ConformanceCase("layerNorm", "keeps digits far from zero", LayerNormCases::offCentre),
        new ConformanceCase(
            "groupNormStatistics", "rows as groups", LayerNormCases::statistics),
        new ConformanceCase(
            "layerNormJacobian", "every shape and scaling", LayerNormCases::jacobian),
        new ConformanceCase(
            "layerNormJacobianDual", "every shape, scaled or not", LayerNormCases::jacobianDual));
  }

  private static void apply(Duel d) {
    for (int[] s : SHAPES) {
      for (boolean scaled : BOTH) {
        Duel.Pair x = d.normal((long) s[0] * s[1]);
        Duel.Pair gamma = scaled ? d.normal(s[1]) : null;
        Duel.Pair beta = scaled ? d.normal(s[1]) : null;
        Duel.Pair y = d.output(x.size());
        d.run(
            on ->
                on.backend.layerNorm(
                    on.at(x), scaled ? on.at(gamma) : null, scaled ? on.at(beta) : null, EPSILON,
                    on.at(y), s[0], s[1]));
        d.checkNorm(Arrays.toString(s) + ", scaled " + scaled, y, LIMIT);
      }
    }
  }

  private static void offCentre(Duel d) {
    double[] values = d.normals(5 * 192);
    for (int i = 0; i < values.length; i++) {
      values[i] = 0.5 * values[i] + 100 * (i / 192);
    }
    Duel.Pair x = d.of(values);
    Duel.Pair y = d.output(values.length);
    d.run(on -> on.backend.layerNorm(on.at(x), null, null, EPSILON, on.at(y), 5, 192));
    d.check(
        "means up to 400, deviation 0.5", y,
        Tolerance.override(0, 2e-6, "what the rounded mean leaves of 3e-5 is taken off again"));
  }

  private static void statistics(Duel d) {
    for (int[] s : SHAPES) {
      GroupNormGeometry rows = new GroupNormGeometry(s[0], 1, s[1], 1);
      Duel.Pair x = d.normal((long) s[0] * s[1]);
      Duel.Pair statistics = d.output(2L * s[0]);
      d.run(on -> on.backend.groupNormStatistics(rows, on.at(x), on.at(statistics)));
      double[] ones = new double[statistics.size()];
      Arrays.fill(ones, 1);
      d.check(Arrays.toString(s), statistics, d.elementwise().summing(s[1]), ones);
    }
  }

  private static void jacobian(Duel d) {
    for (int[] s : SHAPES) {
      for (boolean first : BOTH) {
        for (boolean last : BOTH) {
          Duel.Pair x = d.normal((long) s[0] * s[1]);
          Duel.Pair t = d.normal(x.size());
          Duel.Pair before = first ? d.normal(s[1]) : null;
          Duel.Pair after = last ? d.normal(s[1]) : null;
          Duel.Pair y = d.output(x.size());
          d.run(
              on ->
                  on.backend.layerNormJacobian(
                      on.at(x), first ? on.at(before) : null, last ? on.at(after) : null, on.at(t),
                      EPSILON, on.at(y), s[0], s[1]));
          String what = Arrays.toString(s) + ", before " + first + ", after " + last;
          d.checkNorm(what, y, LIMIT);
        }
      }
    }
  }

  private static void jacobianDual(Duel d) {
    for (int[] s : SHAPES) {
      for (boolean first : BOTH) {
        Duel.Pair x = d.normal((long) s[0] * s[1]);
        Duel.Pair dx = d.normal(x.size());
        Duel.Pair t = d.normal(x.size());
        Duel.Pair dt = d.normal(x.size());
        Duel.Pair before = first ? d.normal(s[1]) : null;
        Duel.Pair y = d.output(x.size());
        Duel.Pair dy = d.output(x.size());
        d.run(
            on ->
                on.backend.layerNormJacobianDual(
                    on.at(x), on.at(dx), first ? on.at(before) : null, on.at(t), on.at(dt), EPSILON,
                    on.at(y), on.at(dy), s[0], s[1]));
        String what = Arrays.toString(s) + ", before " + first;
        d.checkNorm(what, y, LIMIT);
        d.checkNorm(what + ", tangent", dy, LIMIT);
      }
    }
  }
}
