package io.sagitta.kernels;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;

/** Matrix products. */
final class MatmulCases {
  private static final boolean[] BOTH = {false, true};

  /** batch, m, n, k. */
  private static final int[][] SHAPES = {
    {0, 3, 4, 5}, {1, 0, 4, 5}, {1, 3, 0, 5}, {1, 3, 4, 0}, {1, 1, 1, 1}, {1, 1, 9, 7},
    {1, 9, 1, 7}, {1, 7, 9, 1}, {3, 2, 5, 4}, {2, 17, 15, 33}, {1, 64, 10, 65}, {1, 65, 63, 31},
    {1, 128, 100, 512}, {5, 8, 8, 8}
  };

  private MatmulCases() {}

  static List<ConformanceCase> all() {
    return List.of(
        new ConformanceCase("matmul", "every shape and transpose", MatmulCases::shapes),
        new ConformanceCase("matmul", "NaN and infinity come through", MatmulCases::special),
        new ConformanceCase("matmul", "bf16, or a clear refusal", MatmulCases::bfloat16));
  }

  private static void shapes(Duel d) {
    for (int[] s : SHAPES) {
      for (boolean transposeA : BOTH) {
        for (boolean transposeB : BOTH) {
          Duel.Pair c = product(d, Precision.FP32, transposeA, transposeB, s);
          String what = what(transposeA, transposeB, s);
          d.check(what, c, d.elementwise().summing(s[3]));
          d.checkNorm(what, c, 1e-5);
        }
      }
    }
  }

  private static void special(Duel d) {
    Duel.Pair a = d.of(1, 0, Double.NaN, 1, Double.POSITIVE_INFINITY, 1);
    Duel.Pair b = d.of(1, 2, 3, 4);
    Duel.Pair c = d.output(6);
    d.run(
        on ->
            on.backend.matmul(
                Precision.FP32, on.at(a), false, on.at(b), false, on.at(c), 1, 3, 2, 2));
    d.check("matmul of special values", c, Tolerance.exact("small whole numbers"));
  }

  private static void bfloat16(Duel d) {
    Backend b = d.subject();
    if (b.supports(Precision.BF16)) {
      for (int[] s : SHAPES) {
        Duel.Pair c = product(d, Precision.BF16, false, true, s);
        d.checkNorm("bf16 " + what(false, true, s), c, 1e-2);
      }
    } else {
      Duel.Pair x = d.normal(1);
      Buffer one = d.onSubject(x);
      assertThatThrownBy(
              () -> b.matmul(Precision.BF16, one, false, one, false, one, 1, 1, 1, 1))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("BF16");
    }
  }

  /** For bf16 the oracle, which has no such thing, computes with all digits. */
  private static Duel.Pair product(
      Duel d, Precision precision, boolean transposeA, boolean transposeB, int[] s) {
    Duel.Pair a = d.normal((long) s[0] * s[1] * s[3]);
    Duel.Pair b = d.normal((long) s[0] * s[3] * s[2]);
    Duel.Pair c = d.output((long) s[0] * s[1] * s[2]);
    d.runOnMagnitudesToo(
        on ->
            on.backend.matmul(
                on.precision(precision), on.at(a), transposeA, on.at(b), transposeB, on.at(c),
                s[0], s[1], s[2], s[3]));
    return c;
  }

  private static String what(boolean transposeA, boolean transposeB, int[] s) {
    return "matmul " + s[0] + " of " + s[1] + "x" + s[3] + (transposeA ? "ᵀ" : "") + " · " + s[3]
        + "x" + s[2] + (transposeB ? "ᵀ" : "");
  }
}
