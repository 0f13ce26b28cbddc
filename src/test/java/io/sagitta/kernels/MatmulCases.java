package io.sagitta.kernels;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/** Matrix products. */
final class MatmulCases {
  private static final boolean[] BOTH = {false, true};

  /** batch, m, n, k. */
  private static final int[][] SHAPES = {
    {0, 3, 4, 5}, {1, 0, 4, 5}, {1, 3, 0, 5}, {1, 3, 4, 0}, {1, 1, 1, 1}, {1, 1, 9, 7},
    {1, 9, 1, 7}, {1, 7, 9, 1}, {3, 2, 5, 4}, {2, 17, 15, 33}, {1, 64, 10, 65}, {1, 65, 63, 31},
    {1, 128, 100, 512}, {5, 8, 8, 8}
  };

  /**
   * Around the tiles of 64 and 128 rows and 32 terms of a GPU, rows in memory whole numbers of 16
   * bytes and not; few results of many terms.
   */
  private static final int[][] TILED_SHAPES = {
    {1, 64, 64, 32}, {1, 63, 65, 33}, {1, 128, 128, 64}, {1, 132, 124, 36}, {1, 127, 129, 31},
    {2, 68, 8, 96}, {1, 8, 12, 2500}, {1, 72, 4, 1028}
  };

  private MatmulCases() {}

  static List<ConformanceCase> all() {
    Stream<ConformanceCase> cases =
        Stream.of(
            new ConformanceCase("matmul", "every shape and transpose", MatmulCases::shapes),
            new ConformanceCase("matmul", "NaN and infinity come through", MatmulCases::special));
    Stream<ConformanceCase> precisions =
        Arrays.stream(Precision.values())
            .map(
                p ->
                    new ConformanceCase(
                        "matmul", p + " in tiles, or a clear refusal", d -> tiles(d, p)));
    return Stream.concat(cases, precisions).toList();
  }

  private static void shapes(Duel d) {
    for (int[] s : SHAPES) {
      for (boolean transposeA : BOTH) {
        for (boolean transposeB : BOTH) {
          check(d, Precision.FP32, transposeA, transposeB, s);
        }
      }
    }
  }

  private static void check(
      Duel d, Precision precision, boolean transposeA, boolean transposeB, int[] s) {
    Duel.Pair c = product(d, precision, transposeA, transposeB, s);
    String what = precision + " " + what(transposeA, transposeB, s);
    if (precision == Precision.FP32) {
      d.check(what, c, d.elementwise().summing(s[3]));
    }
    d.checkNorm(what, c, Tolerance.ofProducts(precision));
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

  private static void tiles(Duel d, Precision precision) {
    Backend b = d.subject();
    if (b.supports(precision)) {
      for (int[] s : TILED_SHAPES) {
        for (boolean transposeA : BOTH) {
          for (boolean transposeB : BOTH) {
            check(d, precision, transposeA, transposeB, s);
          }
        }
      }
    } else {
      Duel.Pair x = d.normal(1);
      Buffer one = d.onSubject(x);
      assertThatThrownBy(() -> b.matmul(precision, one, false, one, false, one, 1, 1, 1, 1))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining(precision.toString());
    }
  }

  /** Whatever the precision, the oracle computes with all digits. */
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
