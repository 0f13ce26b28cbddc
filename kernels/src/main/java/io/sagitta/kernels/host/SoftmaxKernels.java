package io.sagitta.kernels.host;

import static io.sagitta.kernels.host.Stage.CHUNK;

import java.nio.FloatBuffer;

/**
 * Softmax and cross-entropy over rows. Exponentials and their sums are taken in double from the
 * difference to the row's maximum, and rounded once.
 * What is close to certain stays exact: p − 1 and small losses are sums over the other classes.
 */
final class SoftmaxKernels {
  /** Elements of a part; each costs an exponential. */
  private static final int PART = 2048;

  private SoftmaxKernels() {}

  /** What is done with a row of {@code columns} probabilities that begins at {@code start}. */
  private interface Row {
    void run(int row, float[] p, int start);
  }

  /** What becomes of a row as one number. */
  private interface Reduction {
    double of(int row, float[] x, int start);
  }

  static void softmax(HostBuffer x, HostBuffer y, int rows, int columns) {
    map(x, y, rows, columns, (row, p, start) -> {});
  }

  static void dual(
      HostBuffer x, HostBuffer dx, HostBuffer y, HostBuffer dy, int rows, int columns) {
    FloatBuffer directions = dx.floats();
    FloatBuffer tangents = dy.writeFloats();
    map(x, y, rows, columns, (row, p, start) -> {
      float[] t = Stage.get().floats(1, columns);
      directions.get(row * columns, t, 0, columns);
      double mean = 0;
      for (int c = 0; c < columns; c++) {
        mean += (double) p[start + c] * t[c];
      }
      for (int c = 0; c < columns; c++) {
        t[c] = (float) (p[start + c] * (t[c] - mean));
      }
      tangents.put(row * columns, t, 0, columns);
    });
  }

  static void logSumExp(HostBuffer x, HostBuffer y, int rows, int columns) {
    reduce(x, y, rows, columns, (row, values, start) -> logSumExp(values, start, columns));
  }

  static void crossEntropy(HostBuffer x, HostBuffer labels, HostBuffer y, int rows, int columns) {
    int[] label = IndexKernels.indices("crossEntropy", labels, rows, columns);
    reduce(
        x, y, rows, columns,
        (row, values, start) -> crossEntropy(values, start, columns, start + label[row]));
  }

  static void crossEntropyGrad(
      HostBuffer x, HostBuffer labels, HostBuffer weight, HostBuffer y, int rows, int columns) {
    int[] label = IndexKernels.indices("crossEntropyGrad", labels, rows, columns);
    FloatBuffer weights = weight.floats();
    map(x, y, rows, columns, (row, p, start) -> {
      double scale = weights.get(row);
      int own = start + label[row];
      double others = 0;
      for (int c = start; c < start + columns; c++) {
        others += c == own ? 0 : p[c];
        p[c] = (float) (scale * p[c]);
      }
      p[own] = (float) (-scale * others);
    });
  }

  /** Writes what {@code body} leaves of the softmax of each row. */
  private static void map(HostBuffer x, HostBuffer y, int rows, int columns, Row body) {
    FloatBuffer source = x.floats();
    FloatBuffer target = y.writeFloats();
    int atOnce = Math.max(1, CHUNK / columns);
    Parallel.ranges(rows, Math.max(1, PART / columns), 1, (from, to) -> {
      float[] values = Stage.get().floats(0, atOnce * columns);
      for (int row = from; row < to; row += atOnce) {
        int n = Math.min(atOnce, to - row);
        source.get(row * columns, values, 0, n * columns);
        softmax(values, n, columns);
        for (int i = 0; i < n; i++) {
          body.run(row + i, values, i * columns);
        }
        target.put(row * columns, values, 0, n * columns);
      }
    });
  }

  private static void reduce(HostBuffer x, HostBuffer y, int rows, int columns, Reduction body) {
    FloatBuffer source = x.floats();
    FloatBuffer target = y.writeFloats();
    Parallel.ranges(rows, Math.max(1, PART / columns), 1, (from, to) -> {
      float[] values = Stage.get().floats(0, columns);
      for (int row = from; row < to; row++) {
        source.get(row * columns, values, 0, columns);
        target.put(row, (float) body.of(row, values, 0));
      }
    });
  }

  private static void softmax(float[] x, int rows, int columns) {
    double[] e = Stage.get().doubles(0, rows * columns);
    for (int start = 0; start < rows * columns; start += columns) {
      double max = max(x, start, columns);
      for (int c = start; c < start + columns; c++) {
        e[c] = x[c] - max;
      }
    }
    Exponentials.exp(e, rows * columns);
    for (int start = 0; start < rows * columns; start += columns) {
      double sum = 0;
      for (int c = start; c < start + columns; c++) {
        sum += e[c];
      }
      for (int c = start; c < start + columns; c++) {
        x[c] = (float) (e[c] / sum);
      }
    }
  }

  /** An infinite maximum is the answer itself; a difference to it would be no number. */
  private static double logSumExp(float[] x, int start, int columns) {
    float max = max(x, start, columns);
    if (Float.isInfinite(max)) {
      return max;
    }
    double sum = 0;
    for (int c = start; c < start + columns; c++) {
      sum += Math.exp((double) x[c] - max);
    }
    return max + Math.log(sum);
  }

  private static double crossEntropy(float[] x, int start, int columns, int own) {
    double max = max(x, start, columns);
    double others = 0;
    for (int c = start; c < start + columns; c++) {
      others += c == own ? 0 : Math.exp(x[c] - max);
    }
    return x[own] == max
        ? Math.log1p(others)
        : max - x[own] + Math.log(others + Math.exp(x[own] - max));
  }

  private static float max(float[] x, int start, int columns) {
    float max = x[start];
    for (int c = start + 1; c < start + columns; c++) {
      max = Math.max(max, x[c]);
    }
    return max;
  }
}
