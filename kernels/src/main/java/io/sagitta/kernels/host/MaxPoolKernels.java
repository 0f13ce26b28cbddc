package io.sagitta.kernels.host;

import io.sagitta.kernels.Pool2dGeometry;
import java.nio.IntBuffer;
import java.util.Arrays;

/**
 * Maximum pooling, a row of windows at a time. Numbers are compared by keys, integers in the order of
 * the numbers: a choice between floats is a branch that nobody can foretell, one between integers is
 * arithmetic, which C2 vectorises.
 */
final class MaxPoolKernels {
  /** Elements read in a part. */
  private static final int PART = 16384;

  /** Below the key of any number. */
  private static final int OUTSIDE = Integer.MIN_VALUE;

  private MaxPoolKernels() {}

  static void max(Pool2dGeometry g, HostBuffer x, HostBuffer y, HostBuffer winners) {
    ImageElements source = ImageElements.of(x);
    ImageElements target = ImageElements.written(y, x);
    IntBuffer places = winners.writeInts();
    int width = g.outWidth() * g.channels();
    int grain = Math.max(1, PART / (width * g.window() * g.window()));
    Parallel.ranges(g.batch() * g.outHeight(), grain, 1, (from, to) -> {
      Row row = new Row(g, source);
      for (int r = from; r < to; r++) {
        row.run(r);
        target.putBits(r * width, row.best, width);
        places.put(r * width, row.winner, 0, width);
      }
    });
  }

  /** One row of windows: the bits of the greatest of each, and its place. */
  private static final class Row {
    private final Pool2dGeometry g;
    private final ImageElements x;
    private final int width;
    private final int[] keys;
    private final int[] member;
    private final int[] best;
    private final int[] winner;

    Row(Pool2dGeometry g, ImageElements x) {
      this.g = g;
      this.x = x;
      this.width = g.outWidth() * g.channels();
      Stage stage = Stage.get();
      keys = stage.ints(0, g.width() * g.channels());
      member = stage.ints(1, width);
      best = stage.ints(2, width);
      winner = stage.ints(3, width);
    }

    void run(int row) {
      int image = row / g.outHeight() * g.height();
      int top = row % g.outHeight() * g.stride() - g.padding();
      Arrays.fill(best, 0, width, OUTSIDE);
      for (int i = Math.max(0, top); i < Math.min(g.height(), top + g.window()); i++) {
        int length = g.width() * g.channels();
        x.getBits((image + i) * length, keys, length);
        keys(keys, length);
        for (int j = 0; j < g.window(); j++) {
          gather(j - g.padding());
          take(best, winner, member, (i - top) * g.window() + j, width);
        }
      }
      place((image + top) * g.width() - g.padding());
    }

    /** The keys of one member of each window. */
    private void gather(int column) {
      int channels = g.channels();
      for (int to = 0, j = column; to < width; to += channels, j += g.stride()) {
        if (j >= 0 && j < g.width()) {
          System.arraycopy(keys, j * channels, member, to, channels);
        } else {
          Arrays.fill(member, to, to + channels, OUTSIDE);
        }
      }
    }

    /**
     * Winners become places from members of windows, and what is best bits from keys.
     *
     * @param pixel where the row's first window begins
     */
    private void place(int pixel) {
      int channels = g.channels();
      for (int to = 0, first = pixel; to < width; to += channels, first += g.stride()) {
        for (int c = 0; c < channels; c++) {
          int m = winner[to + c];
          int at = first + m / g.window() * g.width() + m % g.window();
          winner[to + c] = at * channels + c;
          best[to + c] = x.bits(at * channels + c);
        }
      }
    }
  }

  /**
   * From the bits of numbers, in place: integers in their order. Both zeros are 0, and what is no number
   * is the greatest.
   */
  private static void keys(int[] x, int n) {
    for (int i = 0; i < n; i++) {
      int size = x[i] & Integer.MAX_VALUE;
      int sign = x[i] >> 31;
      int notNumber = 0x7f800000 - size >> 31;
      x[i] = (size ^ sign) - sign & ~notNumber | Integer.MAX_VALUE & notNumber;
    }
  }

  /** Where a value is greater than what is best it takes its place, and the winner is {@code member}. */
  private static void take(int[] best, int[] winner, int[] values, int member, int n) {
    for (int i = 0; i < n; i++) {
      int b = best[i];
      int v = values[i];
      // Whether b < v, also where the difference is none of 32 bits.
      int greater = (b & ~v | ~(b ^ v) & b - v) >> 31;
      best[i] = v & greater | b & ~greater;
      winner[i] = member & greater | winner[i] & ~greater;
    }
  }
}
