package io.sagitta.kernels.reference;

import io.sagitta.kernels.Conv2dGeometry;
import io.sagitta.kernels.host.Parallel;
import java.util.Arrays;

/**
 * The products of {@link ProductLoops} in the order in which a processor likes them, on all cores:
 * the innermost loop runs over output channels (or columns), four terms at a time, and the sums of
 * a block of pixels (or rows) stay in the first-level cache. Each sum has one order of additions,
 * whatever the number of threads; it is another order than that of the plain loops, so results
 * agree to rounding.
 */
final class FastProducts {
  /** Pixels or rows of a block, and the most columns: 32 KiB of sums. */
  private static final int ROWS = 32;

  private static final int COLUMNS = 128;

  /** Where the terms of a result pixel are. */
  private interface Source {
    /** The source pixel that {@code tap} of the kernel shows to a result pixel; −1 for none. */
    int pixel(int result, int tap);
  }

  private FastProducts() {}

  static void matmul(
      ReferenceBuffer a, boolean transposeA, ReferenceBuffer b, boolean transposeB,
      ReferenceBuffer c, int batch, int m, int n, int k) {
    double[] left = a.array();
    double[] target = c.array();
    int rowStep = transposeA ? 1 : k;
    int termStep = transposeA ? m : 1;
    for (int matrix = 0; matrix < batch; matrix++) {
      double[][][] right = columns(b, b.start() + matrix * k * n, transposeB, n, k);
      int aStart = a.start() + matrix * m * k;
      int cStart = c.start() + matrix * m * n;
      Parallel.run((m + ROWS - 1) / ROWS, block -> {
        int first = block * ROWS;
        int rows = Math.min(ROWS, m - first);
        double[][] sums = new double[rows][Math.min(n, COLUMNS)];
        int[] at = new int[rows];
        Arrays.setAll(at, i -> aStart + (first + i) * rowStep);
        for (int j = 0; j < right.length; j++) {
          int width = Math.min(COLUMNS, n - j * COLUMNS);
          clear(sums);
          addTerms(left, at, termStep, right[j], 0, k, sums, rows, width);
          for (int i = 0; i < rows; i++) {
            System.arraycopy(
                sums[i], 0, target, cStart + (first + i) * n + j * COLUMNS, width);
          }
        }
      });
    }
  }

  /** A matrix [k, n], or its transpose, as [blocks of columns][k][columns]. */
  private static double[][][] columns(
      ReferenceBuffer b, int start, boolean transposed, int n, int k) {
    double[] source = b.array();
    double[][][] blocks = new double[(n + COLUMNS - 1) / COLUMNS][][];
    Parallel.run(blocks.length, j -> {
      int width = Math.min(COLUMNS, n - j * COLUMNS);
      double[][] block = new double[k][width];
      for (int r = 0; r < k; r++) {
        for (int i = 0; i < width; i++) {
          int column = j * COLUMNS + i;
          block[r][i] = source[start + (transposed ? column * k + r : r * n + column)];
        }
      }
      blocks[j] = block;
    });
    return blocks;
  }

  static void conv2d(Conv2dGeometry g, ReferenceBuffer x, ReferenceBuffer w, ReferenceBuffer y) {
    int pixels = g.batch() * g.outHeight() * g.outWidth();
    convolve(g, images(g), x, g.groupInChannels(), w, false, y, g.groupOutChannels(), pixels);
  }

  /** Where a convolution reads its images. */
  private static Source images(Conv2dGeometry g) {
    return (result, tap) -> {
      int image = result / g.outWidth() / g.outHeight();
      int row =
          result / g.outWidth() % g.outHeight() * g.stride() - g.padding()
              + tap / g.kernelWidth();
      int column = result % g.outWidth() * g.stride() - g.padding() + tap % g.kernelWidth();
      return row < 0 || row >= g.height() || column < 0 || column >= g.width()
          ? -1
          : (image * g.height() + row) * g.width() + column;
    };
  }

  static void conv2dGradWeight(
      Conv2dGeometry g, ReferenceBuffer x, ReferenceBuffer gradY, ReferenceBuffer gradW) {
    int in = g.groupInChannels();
    int out = g.groupOutChannels();
    int taps = g.kernelHeight() * g.kernelWidth();
    int pixels = g.batch() * g.outHeight() * g.outWidth();
    int bands = (out + ROWS - 1) / ROWS;
    Source source = images(g);
    for (int group = 0; group < g.groups(); group++) {
      int owner = group;
      double[][][] images = channels(g, x, group);
      Parallel.run(images.length * bands * taps, part -> {
        int tap = part % taps;
        int first = part / taps % bands * ROWS;
        int block = part / taps / bands;
        int rows = Math.min(ROWS, out - first);
        int width = Math.min(COLUMNS, in - block * COLUMNS);
        double[] outside = new double[width];
        double[][] shown = new double[pixels][];
        Arrays.setAll(shown, result -> {
          int pixel = source.pixel(result, tap);
          return pixel < 0 ? outside : images[block][pixel];
        });
        double[][] sums = new double[rows][width];
        int[] at = new int[rows];
        Arrays.setAll(at, i -> gradY.start() + owner * out + first + i);
        addTerms(gradY.array(), at, g.outChannels(), shown, 0, pixels, sums, rows, width);
        for (int i = 0; i < rows; i++) {
          int start = gradW.start() + ((owner * out + first + i) * in + block * COLUMNS) * taps + tap;
          for (int j = 0; j < width; j++) {
            gradW.array()[start + j * taps] = sums[i][j];
          }
        }
      });
    }
  }

  /** A group's channels of the images as [blocks of channels][pixels][channels]. */
  private static double[][][] channels(Conv2dGeometry g, ReferenceBuffer x, int group) {
    int in = g.groupInChannels();
    int pixels = g.batch() * g.height() * g.width();
    double[][][] blocks = new double[(in + COLUMNS - 1) / COLUMNS][pixels][];
    Parallel.run(blocks.length, j -> {
      int width = Math.min(COLUMNS, in - j * COLUMNS);
      for (int pixel = 0; pixel < pixels; pixel++) {
        int start = x.start() + (pixel * g.groups() + group) * in + j * COLUMNS;
        blocks[j][pixel] = Arrays.copyOfRange(x.array(), start, start + width);
      }
    });
    return blocks;
  }

  static void conv2dGradInput(
      Conv2dGeometry g, ReferenceBuffer w, ReferenceBuffer gradY, ReferenceBuffer gradX) {
    Source source =
        (result, tap) -> {
          int image = result / g.width() / g.height();
          int row = result / g.width() % g.height() + g.padding() - tap / g.kernelWidth();
          int column = result % g.width() + g.padding() - tap % g.kernelWidth();
          boolean none =
              row < 0 || row % g.stride() != 0 || row / g.stride() >= g.outHeight()
                  || column < 0 || column % g.stride() != 0
                  || column / g.stride() >= g.outWidth();
          return none
              ? -1
              : (image * g.outHeight() + row / g.stride()) * g.outWidth() + column / g.stride();
        };
    int pixels = g.batch() * g.height() * g.width();
    convolve(g, source, gradY, g.groupOutChannels(), w, true, gradX, g.groupInChannels(), pixels);
  }

  /**
   * result[p, o] = Σ over taps and i of x[source(p, tap), i] · w[tap][i][o], group by group.
   *
   * @param in channels of a group in x
   * @param turned whether the weights' second axis is that of the results
   * @param out channels of a group in the results
   * @param pixels of the results
   */
  private static void convolve(
      Conv2dGeometry g, Source source, ReferenceBuffer x, int in, ReferenceBuffer w,
      boolean turned, ReferenceBuffer results, int out, int pixels) {
    double[] from = x.array();
    double[] to = results.array();
    int taps = g.kernelHeight() * g.kernelWidth();
    int blocks = (out + COLUMNS - 1) / COLUMNS;
    int bands = (pixels + ROWS - 1) / ROWS;
    for (int group = 0; group < g.groups(); group++) {
      int owner = group;
      double[][][] weights = pack(g, w, group, turned, in, out);
      Parallel.run(blocks * bands, part -> {
        int first = part % bands * ROWS;
        int column = part / bands * COLUMNS;
        int rows = Math.min(ROWS, pixels - first);
        int width = Math.min(COLUMNS, out - column);
        double[][] sums = new double[rows][width];
        int[] at = new int[rows];
        for (int tap = 0; tap < taps; tap++) {
          for (int i = 0; i < rows; i++) {
            int pixel = source.pixel(first + i, tap);
            at[i] = pixel < 0 ? -1 : x.start() + (pixel * g.groups() + owner) * in;
          }
          addTerms(from, at, 1, weights[part / bands], tap * in, in, sums, rows, width);
        }
        for (int i = 0; i < rows; i++) {
          int start = results.start() + ((first + i) * g.groups() + owner) * out + column;
          System.arraycopy(sums[i], 0, to, start, width);
        }
      });
    }
  }

  /** A group's weights as [blocks of results][taps · in][results]. */
  private static double[][][] pack(
      Conv2dGeometry g, ReferenceBuffer w, int group, boolean turned, int in, int out) {
    int taps = g.kernelHeight() * g.kernelWidth();
    int rows = g.groupOutChannels();
    int start = w.start() + group * rows * g.groupInChannels() * taps;
    double[] source = w.array();
    double[][][] blocks = new double[(out + COLUMNS - 1) / COLUMNS][taps * in][];
    for (int j = 0; j < blocks.length; j++) {
      int width = Math.min(COLUMNS, out - j * COLUMNS);
      Arrays.setAll(blocks[j], r -> new double[width]);
    }
    Parallel.run(in, i -> {
      for (int o = 0; o < out; o++) {
        int at = start + (turned ? i * out + o : o * in + i) * taps;
        for (int tap = 0; tap < taps; tap++) {
          blocks[o / COLUMNS][tap * in + i][o % COLUMNS] = source[at + tap];
        }
      }
    });
    return blocks;
  }

  /**
   * sums[i][j] += Σₜ a[at[i] + t·step] · b[first + t][j] for {@code k} terms; rows of a negative
   * {@code at} are left as they are. Rows are arrays of their own, since C2 vectorises loops over
   * separate arrays only.
   */
  private static void addTerms(
      double[] a, int[] at, int step, double[][] b, int first, int k, double[][] sums, int rows,
      int columns) {
    int t = 0;
    for (; t + 4 <= k; t += 4) {
      for (int i = 0; i < rows; i++) {
        int from = at[i] + t * step;
        if (at[i] >= 0) {
          addFour(
              sums[i], columns, b[first + t], b[first + t + 1], b[first + t + 2],
              b[first + t + 3], a[from], a[from + step], a[from + 2 * step], a[from + 3 * step]);
        }
      }
    }
    for (; t < k; t++) {
      for (int i = 0; i < rows; i++) {
        if (at[i] >= 0) {
          addOne(sums[i], columns, b[first + t], a[at[i] + t * step]);
        }
      }
    }
  }

  private static void addFour(
      double[] sum, int n, double[] b0, double[] b1, double[] b2, double[] b3, double a0,
      double a1, double a2, double a3) {
    for (int j = 0; j < n; j++) {
      double half = Math.fma(a2, b2[j], Math.fma(a3, b3[j], sum[j]));
      sum[j] = Math.fma(a0, b0[j], Math.fma(a1, b1[j], half));
    }
  }

  private static void addOne(double[] sum, int n, double[] b, double a) {
    for (int j = 0; j < n; j++) {
      sum[j] = Math.fma(a, b[j], sum[j]);
    }
  }

  private static void clear(double[][] sums) {
    for (double[] row : sums) {
      Arrays.fill(row, 0);
    }
  }
}
