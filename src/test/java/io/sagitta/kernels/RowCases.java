package io.sagitta.kernels;

import java.util.Arrays;
import java.util.List;

/** Reductions, gathers and softmax. */
final class RowCases {
  private static final long[][] SHAPES = {
    {0, 5, 3}, {3, 5, 0}, {3, 0, 4}, {1, 1, 1}, {1, 9, 1}, {7, 1, 5}, {3, 65, 1}, {65, 33, 1},
    {1, 33, 17}, {4, 7, 9}, {1, 1000, 64}, {2, 100_003, 1}, {1, 5000, 3}, {300, 1, 300},
    {5, 1025, 1}, {2, 3000, 33}, {3, 9, 300}
  };
  private static final long[][] ROWS = {
    {0, 5}, {1, 1}, {1, 2}, {3, 10}, {65, 100}, {7, 101}, {2, 1024}, {3, 1025}
  };
  private static final double INFINITY = Double.POSITIVE_INFINITY;
  private static final Tolerance COPIED = Tolerance.exact("copied");

  private RowCases() {}

  static List<ConformanceCase> all() {
    return List.of(
        new ConformanceCase("sum", "every axis", RowCases::sum),
        new ConformanceCase("sum", "keeps its digits over long rows", RowCases::longSum),
        new ConformanceCase("sum", "NaN and infinity", RowCases::sumSpecial),
        new ConformanceCase("max", "every axis", RowCases::max),
        new ConformanceCase("max", "a NaN wins", RowCases::maxSpecial),
        new ConformanceCase("gatherRows", "every width", RowCases::gatherRows),
        new ConformanceCase("scatterAddRows", "repeated and absent rows", RowCases::scatterAddRows),
        new ConformanceCase("scatterAddRows", "long indices", RowCases::scatterLongIndices),
        new ConformanceCase("softmax", "every shape, in place too", RowCases::softmax),
        new ConformanceCase("softmax", "is stable", RowCases::softmaxStable),
        new ConformanceCase("logSumExp", "every shape, stable", RowCases::logSumExp),
        new ConformanceCase("crossEntropy", "every shape, stable", RowCases::crossEntropy),
        new ConformanceCase("crossEntropyGrad", "every shape, stable", RowCases::crossEntropyGrad),
        new ConformanceCase("crossEntropy", "keeps the digits of the sure", RowCases::sureRows));
  }

  private static void sum(Duel d) {
    for (long[] s : SHAPES) {
      Duel.Pair x = d.normal(s[0] * s[1] * s[2]);
      Duel.Pair y = d.output(s[0] * s[2]);
      d.runOnMagnitudesToo(on -> on.backend.sum(on.at(x), on.at(y), s[0], s[1], s[2]));
      d.check("sum of " + Arrays.toString(s), y, d.elementwise().summing(s[1]));
    }
  }

  private static void longSum(Duel d) {
    int size = 1_000_000;
    double[] tenths = new double[size];
    Arrays.fill(tenths, 0.1f);
    Duel.Pair x = d.of(tenths);
    Duel.Pair y = d.output(1);
    d.run(on -> on.backend.sum(on.at(x), on.at(y), 1, size, 1));
    d.check("a million tenths", y, Tolerance.override(1e-6, 0, "sums carry float64 or blocks"));
    Duel.Pair z = d.output(4);
    d.run(on -> on.backend.sum(on.at(x), on.at(z), 1, size / 4, 4));
    d.check("four columns", z, Tolerance.override(1e-6, 0, "sums carry float64 or blocks"));
  }

  private static void sumSpecial(Duel d) {
    Duel.Pair x = d.of(1, Double.NaN, 2, INFINITY, 1, 2, INFINITY, -INFINITY, 0);
    Duel.Pair y = d.output(3);
    d.run(on -> on.backend.sum(on.at(x), on.at(y), 3, 3, 1));
    d.check("sum of special values", y, COPIED);
  }

  private static void max(Duel d) {
    for (long[] s : SHAPES) {
      if (s[1] > 0) {
        Duel.Pair x = d.uniform(s[0] * s[1] * s[2], -9, -1);
        Duel.Pair y = d.output(s[0] * s[2]);
        d.run(on -> on.backend.max(on.at(x), on.at(y), s[0], s[1], s[2]));
        d.check("max of " + Arrays.toString(s), y, COPIED);
      }
    }
  }

  private static void maxSpecial(Duel d) {
    double nan = Double.NaN;
    Duel.Pair x =
        d.of(nan, 1, 2, 1, nan, 2, 1, 2, nan, -INFINITY, -INFINITY, -INFINITY, 0, INFINITY, 1);
    Duel.Pair y = d.output(5);
    d.run(on -> on.backend.max(on.at(x), on.at(y), 5, 3, 1));
    d.check("max along rows", y, COPIED);
    Duel.Pair z = d.output(3);
    d.run(on -> on.backend.max(on.at(x), on.at(z), 1, 5, 3));
    d.check("max along columns", z, COPIED);
    double[] late = d.normals(101);
    late[98] = nan;
    Duel.Pair u = d.of(late);
    Duel.Pair v = d.output(1);
    d.run(on -> on.backend.max(on.at(u), on.at(v), 1, 101, 1));
    d.check("a NaN in the tail of a vector loop", v, COPIED);
    double[] lonely = d.normals(30_000);
    lonely[17_001] = nan;
    Duel.Pair t = d.of(lonely);
    Duel.Pair w = d.output(1);
    d.run(on -> on.backend.max(on.at(t), on.at(w), 1, 30_000, 1));
    d.check("a NaN in a long row", w, COPIED);
  }

  private static void gatherRows(Duel d) {
    for (int width : new int[] {0, 1, 3, 16, 65}) {
      for (int rows : new int[] {0, 1, 7, 1000}) {
        Duel.Pair table = d.normal(9L * width);
        Duel.Pair index = d.indicesBelow(9, rows);
        Duel.Pair y = d.output((long) rows * width);
        d.run(
            on -> on.backend.gatherRows(on.at(table), on.at(index), on.at(y), rows, width));
        d.check("rows of " + width, y, COPIED);
      }
    }
  }

  private static void scatterAddRows(Duel d) {
    for (int width : new int[] {0, 1, 3, 16, 65}) {
      for (int rows : new int[] {0, 1, 7, 1000}) {
        Duel.Pair y = d.normal((long) rows * width);
        Duel.Pair index = d.indicesBelow(9, rows);
        Duel.Pair table = d.output(11L * width);
        d.runOnMagnitudesToo(
            on ->
                on.backend.scatterAddRows(
                    on.at(y), on.at(index), on.at(table), rows, 11, width));
        d.check("rows of " + width, table, d.elementwise().summing(rows));
      }
    }
  }

  /** Tables of few rows, of more than a byte's, and of more rows than the index names. */
  private static void scatterLongIndices(Duel d) {
    int rows = 5000;
    for (int tableRows : new int[] {3, 300, 70_000}) {
      for (int width : new int[] {1, 5}) {
        Duel.Pair y = d.normal((long) rows * width);
        Duel.Pair index = d.indicesBelow(tableRows, rows);
        Duel.Pair table = d.output((long) tableRows * width);
        d.runOnMagnitudesToo(
            on ->
                on.backend.scatterAddRows(
                    on.at(y), on.at(index), on.at(table), rows, tableRows, width));
        d.check(tableRows + " rows of " + width, table, d.elementwise().summing(rows));
      }
    }
  }

  private static void softmax(Duel d) {
    for (long[] s : ROWS) {
      Duel.Pair x = d.normal(s[0] * s[1]);
      Duel.Pair y = d.output(s[0] * s[1]);
      d.run(on -> on.backend.softmax(on.at(x), on.at(y), s[0], s[1]));
      d.check("softmax", y, d.elementwise().summing(s[1]));
      d.run(on -> on.backend.softmax(on.at(x), on.at(x), s[0], s[1]));
      d.check("softmax in place", x, d.elementwise().summing(s[1]));
    }
  }

  private static void softmaxStable(Duel d) {
    for (int columns : new int[] {10, 1500}) {
      Duel.Pair x = logits(d, 4, columns);
      Duel.Pair y = d.output(4 * columns);
      d.run(on -> on.backend.softmax(on.at(x), on.at(y), 4, columns));
      d.check("softmax of large logits", y, probabilities(), ones(4 * columns));
    }
  }

  private static void logSumExp(Duel d) {
    for (long[] s : ROWS) {
      Duel.Pair x = d.normal(s[0] * s[1]);
      Duel.Pair y = d.output(s[0]);
      d.run(on -> on.backend.logSumExp(on.at(x), on.at(y), s[0], s[1]));
      d.check("logSumExp", y, d.elementwise().summing(s[1]), sizes(x.initial(), s[1]));
    }
    Duel.Pair x = logits(d, 4, 10);
    Duel.Pair y = d.output(4);
    d.run(on -> on.backend.logSumExp(on.at(x), on.at(y), 4, 10));
    d.check("logSumExp of large logits", y, d.elementwise(), sizes(x.initial(), 10));
  }

  private static void crossEntropy(Duel d) {
    for (long[] s : ROWS) {
      Duel.Pair x = d.normal(s[0] * s[1]);
      Duel.Pair labels = d.indicesBelow((int) s[1], s[0]);
      Duel.Pair y = d.output(s[0]);
      d.run(on -> on.backend.crossEntropy(on.at(x), on.at(labels), on.at(y), s[0], s[1]));
      d.check("crossEntropy", y, d.elementwise().summing(s[1]), sizes(x.initial(), s[1]));
    }
    Duel.Pair x = logits(d, 4, 10);
    Duel.Pair labels = d.indicesBelow(10, 4);
    Duel.Pair y = d.output(4);
    d.run(on -> on.backend.crossEntropy(on.at(x), on.at(labels), on.at(y), 4, 10));
    d.check("crossEntropy of large logits", y, d.elementwise(), sizes(x.initial(), 10));
  }

  /** Losses and gradients far below what tells 1 from the next number. */
  private static void sureRows(Duel d) {
    for (int columns : new int[] {2, 10, 1500}) {
      int rows = 6;
      double[] values = d.normals(rows * columns);
      int[] classes = new int[rows];
      for (int row = 0; row < rows; row++) {
        classes[row] = row % columns;
        values[row * columns + classes[row]] = 10 * (row + 1);
      }
      Duel.Pair x = d.of(values);
      Duel.Pair labels = d.indices(classes);
      Duel.Pair weight = d.uniform(rows, 1, 2);
      Duel.Pair loss = d.output(rows);
      Duel.Pair gradient = d.output((long) rows * columns);
      d.run(
          on -> {
            on.backend.crossEntropy(on.at(x), on.at(labels), on.at(loss), rows, columns);
            on.backend.crossEntropyGrad(
                on.at(x), on.at(labels), on.at(weight), on.at(gradient), rows, columns);
          });
      Tolerance rounding = Tolerance.override(2e-5, 1e-37, "exponentials of rounded differences");
      d.check("loss of " + columns, loss, rounding);
      d.check("gradient of " + columns, gradient, rounding);
    }
  }

  private static void crossEntropyGrad(Duel d) {
    for (long[] s : ROWS) {
      crossEntropyGrad(d, d.normal(s[0] * s[1]), s[0], (int) s[1]);
    }
    crossEntropyGrad(d, logits(d, 4, 10), 4, 10);
  }

  private static void crossEntropyGrad(Duel d, Duel.Pair x, long rows, int columns) {
    Duel.Pair labels = d.indicesBelow(columns, rows);
    Duel.Pair weight = d.normal(rows);
    Duel.Pair y = d.output(rows * columns);
    d.run(
        on ->
            on.backend.crossEntropyGrad(
                on.at(x), on.at(labels), on.at(weight), on.at(y), rows, columns));
    double[] scale = new double[y.size()];
    for (int i = 0; i < scale.length; i++) {
      scale[i] = weight.initial()[i / columns];
    }
    d.check("crossEntropyGrad", y, probabilities(), scale);
  }

  /** Rows around 0, +1000 and −1000, and one that a single class rules. */
  private static Duel.Pair logits(Duel d, int rows, int columns) {
    double[] values = d.normals(rows * columns);
    for (int i = 0; i < values.length; i++) {
      int row = i / columns;
      values[i] = 3 * values[i] + (row == 1 ? 1000 : row == 2 ? -1000 : 0);
    }
    values[3 * columns] = 500;
    return d.of(values);
  }

  /** 1 + the greatest magnitude of each row: what the rounding of a logarithm is measured by. */
  private static double[] sizes(double[] x, long columns) {
    double[] scale = ones(columns == 0 ? 0 : (int) (x.length / columns));
    for (int i = 0; i < x.length; i++) {
      int row = (int) (i / columns);
      scale[row] = Math.max(scale[row], 1 + Math.abs(x[i]));
    }
    return scale;
  }

  private static double[] ones(int size) {
    double[] ones = new double[size];
    Arrays.fill(ones, 1);
    return ones;
  }

  private static Tolerance probabilities() {
    return Tolerance.override(2e-6, 1e-12, "a probability's error is measured by 1, not by itself");
  }
}
