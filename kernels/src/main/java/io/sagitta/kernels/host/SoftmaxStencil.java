package io.sagitta.kernels.host;

import static io.sagitta.kernels.host.Stage.CHUNK;

import java.nio.FloatBuffer;

/**
 * Central differences through softmax, as many whole rows at a time as fit a chunk. In double, whose
 * digits outlast the difference of the two sides' changes, of order o, that the even part is.
 */
final class SoftmaxStencil {
  /** Elements of a part; each costs two exponentials. */
  private static final int PART = 2048;

  private SoftmaxStencil() {}

  static void run(
      HostBuffer p, HostBuffer odd, HostBuffer even, HostBuffer oddY, HostBuffer evenY, int rows,
      int columns) {
    FloatBuffer shares = p.floats();
    FloatBuffer odds = odd.floats();
    FloatBuffer evens = even == null ? null : even.floats();
    FloatBuffer oddTarget = oddY.writeFloats();
    FloatBuffer evenTarget = evenY.writeFloats();
    int atOnce = Math.max(1, CHUNK / columns);
    Parallel.ranges(rows, Math.max(1, PART / columns), 1, (from, to) -> {
      Stage stage = Stage.get();
      int most = atOnce * columns;
      float[] values = stage.floats(0, most);
      double[] share = stage.doubles(0, most);
      double[] above = stage.doubles(1, most);
      double[] below = stage.doubles(2, most);
      double[] half = stage.doubles(3, most);
      for (int row = from; row < to; row += atOnce) {
        int start = row * columns;
        int n = Math.min(atOnce, to - row) * columns;
        read(shares, start, values, share, n);
        read(odds, start, values, above, n);
        if (evens == null) {
          negative(above, below, n);
        } else {
          read(evens, start, values, half, n);
          sides(half, above, below, n);
        }
        Exponentials.expm1(above, n);
        Exponentials.expm1(below, n);
        for (int first = 0; first < n; first += columns) {
          change(share, above, first, columns);
          change(share, below, first, columns);
        }
        parts(above, below, n);
        write(above, values, oddTarget, start, n);
        write(below, values, evenTarget, start, n);
      }
    });
  }

  private static void read(FloatBuffer source, int start, float[] floats, double[] values, int n) {
    source.get(start, floats, 0, n);
    Loops.widen(floats, values, n);
  }

  private static void write(double[] values, float[] floats, FloatBuffer target, int start, int n) {
    Loops.narrow(values, floats, n);
    target.put(start, floats, 0, n);
  }

  private static void negative(double[] x, double[] y, int n) {
    for (int i = 0; i < n; i++) {
      y[i] = -x[i];
    }
  }

  /** From e and above = o: above = e/2 + o, below = e/2 − o. */
  private static void sides(double[] e, double[] above, double[] below, int n) {
    for (int i = 0; i < n; i++) {
      below[i] = 0.5 * e[i] - above[i];
    }
    for (int i = 0; i < n; i++) {
      above[i] = 0.5 * e[i] + above[i];
    }
  }

  /** Makes of a row's growth α its change p(α − ⟨p, α⟩)/(1 + ⟨p, α⟩). */
  private static void change(double[] p, double[] growth, int first, int columns) {
    double even = 0;
    double odd = 0;
    int end = first + columns;
    int i = first;
    for (; i < end - 1; i += 2) { // each addition waits for the one before
      even += p[i] * growth[i];
      odd += p[i + 1] * growth[i + 1];
    }
    double mean = even + odd + (i < end ? p[i] * growth[i] : 0);
    double scale = 1 / (1 + mean);
    for (i = first; i < end; i++) {
      growth[i] = p[i] * (growth[i] - mean) * scale;
    }
  }

  /** From the changes to either side to odd and even part, in place. */
  private static void parts(double[] above, double[] below, int n) {
    for (int i = 0; i < n; i++) {
      double odd = 0.5 * (above[i] - below[i]);
      below[i] += above[i];
      above[i] = odd;
    }
  }
}
