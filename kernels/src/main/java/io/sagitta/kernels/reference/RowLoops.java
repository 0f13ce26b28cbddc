package io.sagitta.kernels.reference;

/** Reductions, gathers and softmax: kernels that go along rows. */
final class RowLoops {
  private RowLoops() {}

  static void sum(ReferenceBuffer x, ReferenceBuffer y, long outer, long reduced, long inner) {
    for (long o = 0; o < outer; o++) {
      for (long i = 0; i < inner; i++) {
        double sum = 0;
        for (long r = 0; r < reduced; r++) {
          sum += x.get((o * reduced + r) * inner + i);
        }
        y.set(o * inner + i, sum);
      }
    }
  }

  static void max(ReferenceBuffer x, ReferenceBuffer y, long outer, long reduced, long inner) {
    for (long o = 0; o < outer; o++) {
      for (long i = 0; i < inner; i++) {
        double max = Double.NEGATIVE_INFINITY;
        for (long r = 0; r < reduced; r++) {
          max = Math.max(max, x.get((o * reduced + r) * inner + i));
        }
        y.set(o * inner + i, max);
      }
    }
  }

  static void gatherRows(
      ReferenceBuffer table, ReferenceBuffer index, ReferenceBuffer y, long rows, long width) {
    for (long r = 0; r < rows; r++) {
      for (long i = 0; i < width; i++) {
        y.set(r * width + i, table.get(index.index(r) * width + i));
      }
    }
  }

  static void scatterAddRows(
      ReferenceBuffer y, ReferenceBuffer index, ReferenceBuffer table, long rows, long tableRows,
      long width) {
    for (long i = 0; i < tableRows * width; i++) {
      table.set(i, 0);
    }
    for (long r = 0; r < rows; r++) {
      for (long i = 0; i < width; i++) {
        table.add(index.index(r) * width + i, y.get(r * width + i));
      }
    }
  }

  static void softmax(ReferenceBuffer x, ReferenceBuffer y, long rows, long columns) {
    for (long r = 0; r < rows; r++) {
      double logSum = logSumExp(x, r, columns);
      for (long c = r * columns; c < (r + 1) * columns; c++) {
        y.set(c, Math.exp(x.get(c) - logSum));
      }
    }
  }

  static void logSumExp(ReferenceBuffer x, ReferenceBuffer y, long rows, long columns) {
    for (long r = 0; r < rows; r++) {
      y.set(r, logSumExp(x, r, columns));
    }
  }

  /** What is close to certain keeps its digits: the loss comes from the other classes alone. */
  static void crossEntropy(
      ReferenceBuffer x, ReferenceBuffer labels, ReferenceBuffer y, long rows, long columns) {
    for (long r = 0; r < rows; r++) {
      double max = max(x, r, columns);
      double own = x.get(r * columns + labels.index(r));
      double others = 0;
      for (long c = 0; c < columns; c++) {
        others += c == labels.index(r) ? 0 : Math.exp(x.get(r * columns + c) - max);
      }
      y.set(
          r, own == max ? Math.log1p(others) : max - own + Math.log(others + Math.exp(own - max)));
    }
  }

  /** The label's p − 1 is minus the sum of the other probabilities, so that nothing cancels. */
  static void crossEntropyGrad(
      ReferenceBuffer x, ReferenceBuffer labels, ReferenceBuffer weight, ReferenceBuffer y,
      long rows, long columns) {
    for (long r = 0; r < rows; r++) {
      double logSum = logSumExp(x, r, columns);
      double others = 0;
      for (long c = 0; c < columns; c++) {
        double probability = Math.exp(x.get(r * columns + c) - logSum);
        others += c == labels.index(r) ? 0 : probability;
        y.set(r * columns + c, weight.get(r) * probability);
      }
      y.set(r * columns + labels.index(r), -weight.get(r) * others);
    }
  }

  /** log Σ exp of row r, with the greatest element taken out of the sum. */
  static double logSumExp(ReferenceBuffer x, long r, long columns) {
    double max = max(x, r, columns);
    double sum = 0;
    for (long c = r * columns; c < (r + 1) * columns; c++) {
      sum += Math.exp(x.get(c) - max);
    }
    return max + Math.log(sum);
  }

  private static double max(ReferenceBuffer x, long r, long columns) {
    double max = Double.NEGATIVE_INFINITY;
    for (long c = r * columns; c < (r + 1) * columns; c++) {
      max = Math.max(max, x.get(c));
    }
    return max;
  }
}
