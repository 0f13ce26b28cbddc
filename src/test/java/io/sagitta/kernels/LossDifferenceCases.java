package io.sagitta.kernels;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.Arrays;
import java.util.List;

/**
 * Second differences of the cross-entropy, against ℓ(x+d) + ℓ(x−d) − 2ℓ(x) by subtraction in sixty
 * digits.
 */
final class LossDifferenceCases {
  private static final MathContext DIGITS = new MathContext(60);
  private static final BigDecimal TWO = BigDecimal.valueOf(2);

  private LossDifferenceCases() {}

  static List<ConformanceCase> all() {
    return List.of(
        new ConformanceCase(
            "stencilCrossEntropy", "tiny and large steps", LossDifferenceCases::steps),
        new ConformanceCase("stencilCrossEntropy", "every shape", LossDifferenceCases::shapes));
  }

  /**
   * Float64 leaves 2^-53 of the first-order terms, of size h, in a sum of size h²; the rest of the
   * result carries it.
   */
  private static void steps(Duel d) {
    for (double h : new double[] {1, 1e-2, 1e-3, 1e-5}) {
      for (boolean first : new boolean[] {true, false}) {
        Case c = new Case(d, 3, 7, h, first);
        c.run(d);
        double[] scale = {h * h + 1e-3 * h, h * h + 1e-3 * h, h * h + 1e-3 * h};
        Tolerance.override(1e-12, 0, "carried in float64 whatever the backend's type")
            .check("h = " + h, sums(d.actual(c.y)), c.exact(), scale);
      }
    }
  }

  private static void shapes(Duel d) {
    for (int[] s : new int[][] {{0, 5}, {1, 1}, {1, 2}, {70, 10}, {3, 33}, {2, 1025}}) {
      Case c = new Case(d, s[0], s[1], 1e-3, s[0] % 2 == 0);
      c.run(d);
      double[] scale = new double[s[0]];
      Arrays.fill(scale, 1e-6);
      Tolerance.override(1e-9, 1e-17, "carried in float64 whatever the backend's type")
          .check(s[0] + " rows of " + s[1], sums(d.actual(c.y)), sums(d.expected(c.y)), scale);
    }
  }

  private static double[] sums(double[] pairs) {
    double[] sums = new double[pairs.length / 2];
    for (int row = 0; row < sums.length; row++) {
      sums[row] = pairs[2 * row] + pairs[2 * row + 1];
    }
    return sums;
  }

  /** Logits, how they change, and where the result goes. */
  private static final class Case {
    private final int rows;
    private final int columns;
    private final Duel.Pair x;
    private final Duel.Pair odd;
    private final Duel.Pair even;
    private final Duel.Pair labels;
    final Duel.Pair y;

    Case(Duel d, int rows, int columns, double h, boolean withoutEven) {
      this.rows = rows;
      this.columns = columns;
      x = scaled(d, 3);
      odd = scaled(d, h);
      even = withoutEven ? null : scaled(d, h * h);
      labels = d.indicesBelow(columns, rows);
      y = d.output(2L * rows);
    }

    private Duel.Pair scaled(Duel d, double scale) {
      double[] values = d.normals(rows * columns);
      for (int i = 0; i < values.length; i++) {
        values[i] *= scale;
      }
      return d.of(values);
    }

    void run(Duel d) {
      d.run(
          on ->
              on.backend.stencilCrossEntropy(
                  on.at(x), on.at(odd), even == null ? null : on.at(even), on.at(labels),
                  on.at(y), rows, columns));
    }

    double[] exact() {
      double[] differences = new double[rows];
      for (int row = 0; row < rows; row++) {
        BigDecimal there = loss(row, 1).add(loss(row, -1));
        differences[row] = there.subtract(loss(row, 0).multiply(TWO)).doubleValue();
      }
      return differences;
    }

    /** The loss at x + side·d. */
    private BigDecimal loss(int row, int side) {
      BigDecimal sum = BigDecimal.ZERO;
      for (int c = 0; c < columns; c++) {
        sum = sum.add(exp(logit(row * columns + c, side)));
      }
      int label = (int) labels.initial()[row];
      return log(sum).subtract(logit(row * columns + label, side));
    }

    private BigDecimal logit(int i, int side) {
      BigDecimal sides = BigDecimal.valueOf(side);
      BigDecimal at = new BigDecimal(x.initial()[i]);
      BigDecimal moved = at.add(new BigDecimal(odd.initial()[i]).multiply(sides));
      return even == null || side == 0
          ? moved
          : moved.add(new BigDecimal(even.initial()[i]).divide(TWO));
    }
  }

  /** The series of (e^{v/1024})^1024. */
  private static BigDecimal exp(BigDecimal v) {
    BigDecimal small = v.divide(BigDecimal.valueOf(1024), DIGITS);
    BigDecimal term = BigDecimal.ONE;
    BigDecimal sum = BigDecimal.ONE;
    for (int i = 1; i < 40; i++) {
      term = term.multiply(small).divide(BigDecimal.valueOf(i), DIGITS);
      sum = sum.add(term, DIGITS);
    }
    return sum.pow(1024, DIGITS);
  }

  /** Newton's iteration l += v·e^{−l} − 1, whose digits double each time. */
  private static BigDecimal log(BigDecimal v) {
    BigDecimal l = new BigDecimal(Math.log(v.doubleValue()));
    for (int i = 0; i < 3; i++) {
      l = l.add(v.multiply(exp(l.negate()), DIGITS).subtract(BigDecimal.ONE), DIGITS);
    }
    return l;
  }
}
