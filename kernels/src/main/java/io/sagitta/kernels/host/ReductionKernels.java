package io.sagitta.kernels.host;

import static io.sagitta.kernels.host.Stage.CHUNK;

import java.nio.FloatBuffer;
import java.util.Arrays;

/**
 * Sums and maxima over the middle axis of [outer, reduced, inner]. The work is cut into units: a
 * block of rows and columns of one slab [reduced, inner]. In a unit, chunks of whole rows are added
 * position by position into a float accumulator as long as a chunk, so that each of its elements
 * takes at most {@link #FLUSH} terms, and that is folded into one double a column. Slabs with too
 * few units to go round are cut along the rows too, and their parts combined in order.
 */
final class ReductionKernels {
  /** Elements of a part, and of a unit where a slab is cut along its rows. */
  private static final int PART = 65536;

  /** Chunks added up in float. */
  private static final int FLUSH = PART / CHUNK;

  /** From this many units on, no slab is cut along its rows. */
  private static final int ENOUGH = 16;

  private ReductionKernels() {}

  /** The operation, as both kernels need it. */
  private interface Fold {
    double identity();

    double of(double a, double b);

    void chunk(float[] accumulator, float[] x, int n);
  }

  private static final Fold SUM = new Fold() {
    @Override
    public double identity() {
      return 0;
    }

    @Override
    public double of(double a, double b) {
      return a + b;
    }

    @Override
    public void chunk(float[] accumulator, float[] x, int n) {
      Loops.add(accumulator, x, n);
    }
  };

  private static final Fold MAX = new Fold() {
    @Override
    public double identity() {
      return Double.NEGATIVE_INFINITY;
    }

    @Override
    public double of(double a, double b) {
      return Math.max(a, b);
    }

    @Override
    public void chunk(float[] accumulator, float[] x, int n) {
      Loops.max(accumulator, x, n);
    }
  };

  static void sum(HostBuffer x, HostBuffer y, int outer, int reduced, int inner) {
    reduce(SUM, x, y, outer, reduced, inner);
  }

  static void max(HostBuffer x, HostBuffer y, int outer, int reduced, int inner) {
    reduce(MAX, x, y, outer, reduced, inner);
  }

  private static void reduce(
      Fold fold, HostBuffer x, HostBuffer y, int outer, int reduced, int inner) {
    if (reduced == 0) {
      ElementwiseKernels.fill(y, (float) fold.identity());
    } else if (inner == 1 && reduced <= CHUNK) {
      shortRows(fold, x.floats(), y.writeFloats(), outer, reduced);
    } else {
      slabs(fold, x.floats(), y.writeFloats(), outer, reduced, inner);
    }
  }

  /** Rows of at most a chunk, several of which are staged at once. */
  private static void shortRows(Fold fold, FloatBuffer x, FloatBuffer y, int outer, int reduced) {
    int rows = CHUNK / reduced;
    Parallel.ranges(outer, PART / reduced, rows, (from, to) -> {
      Stage stage = Stage.get();
      float[] values = stage.floats(0, CHUNK);
      float[] results = stage.floats(1, CHUNK);
      for (int row = from; row < to; row += rows) {
        int n = Math.min(rows, to - row);
        x.get(row * reduced, values, 0, n * reduced);
        for (int i = 0; i < n; i++) {
          results[i] = (float) total(fold, values, i * reduced, reduced);
        }
        y.put(row, results, 0, n);
      }
    });
  }

  /** All of a run of values, in four interleaved strands. */
  private static double total(Fold fold, float[] x, int start, int n) {
    double s0 = fold.identity();
    double s1 = s0;
    double s2 = s0;
    double s3 = s0;
    int i = start;
    for (int end = start + n - 3; i < end; i += 4) {
      s0 = fold.of(s0, x[i]);
      s1 = fold.of(s1, x[i + 1]);
      s2 = fold.of(s2, x[i + 2]);
      s3 = fold.of(s3, x[i + 3]);
    }
    for (int end = start + n; i < end; i++) {
      s0 = fold.of(s0, x[i]);
    }
    return fold.of(fold.of(s0, s1), fold.of(s2, s3));
  }

  private static void slabs(
      Fold fold, FloatBuffer x, FloatBuffer y, int outer, int reduced, int inner) {
    int width = Math.min(inner, CHUNK);
    int columnBlocks = (inner - 1) / width + 1;
    int tall = Math.max(1, PART / width);
    int rowBlocks = (long) outer * columnBlocks >= ENOUGH ? 1 : (reduced - 1) / tall + 1;
    int height = rowBlocks == 1 ? reduced : tall;
    double[] partial = new double[rowBlocks == 1 ? 0 : outer * rowBlocks * inner];
    int grain = (int) Math.max(1, PART / ((long) height * width));
    Parallel.ranges(outer * rowBlocks * columnBlocks, grain, 1, (from, to) -> {
      Stage stage = Stage.get();
      double[] totals = stage.doubles(0, width);
      for (int unit = from; unit < to; unit++) {
        int column = unit % columnBlocks * width;
        int block = unit / columnBlocks;
        int slab = block / rowBlocks;
        int row = block % rowBlocks * height;
        int columns = Math.min(width, inner - column);
        int start = (slab * reduced + row) * inner + column;
        Arrays.fill(totals, 0, columns, fold.identity());
        columns(fold, stage, x, start, Math.min(height, reduced - row), inner, columns, totals);
        if (rowBlocks == 1) {
          put(stage, totals, columns, y, slab * inner + column);
        } else {
          System.arraycopy(totals, 0, partial, block * inner + column, columns);
        }
      }
    });
    if (rowBlocks > 1) {
      combine(fold, partial, y, outer, rowBlocks, inner);
    }
  }

  /** Folds a block of rows, {@code inner} elements apart, into its columns' totals. */
  private static void columns(
      Fold fold, Stage stage, FloatBuffer x, int start, int rows, int inner, int columns,
      double[] totals) {
    int atOnce = columns == inner ? Math.min(rows, CHUNK / columns) : 1;
    int most = atOnce * columns;
    float[] values = stage.floats(0, most);
    float[] accumulator = stage.floats(1, most);
    for (int row = 0; row < rows; ) {
      Arrays.fill(accumulator, 0, most, (float) fold.identity());
      for (int i = 0; i < FLUSH && row < rows; i++) {
        int n = Math.min(atOnce, rows - row);
        x.get(start + row * inner, values, 0, n * columns);
        fold.chunk(accumulator, values, n * columns);
        row += n;
      }
      if (columns == 1) {
        totals[0] = fold.of(totals[0], total(fold, accumulator, 0, most));
      } else {
        for (int i = 0; i < most; i += columns) {
          for (int c = 0; c < columns; c++) {
            totals[c] = fold.of(totals[c], accumulator[i + c]);
          }
        }
      }
    }
  }

  private static void combine(
      Fold fold, double[] partial, FloatBuffer y, int outer, int rowBlocks, int inner) {
    Stage stage = Stage.get();
    double[] totals = stage.doubles(0, inner);
    for (int slab = 0; slab < outer; slab++) {
      int start = slab * rowBlocks * inner;
      System.arraycopy(partial, start, totals, 0, inner);
      for (int block = 1; block < rowBlocks; block++) {
        for (int c = 0; c < inner; c++) {
          totals[c] = fold.of(totals[c], partial[start + block * inner + c]);
        }
      }
      put(stage, totals, inner, y, slab * inner);
    }
  }

  private static void put(Stage stage, double[] totals, int n, FloatBuffer y, int start) {
    float[] results = stage.floats(2, n);
    for (int i = 0; i < n; i++) {
      results[i] = (float) totals[i];
    }
    y.put(start, results, 0, n);
  }
}
