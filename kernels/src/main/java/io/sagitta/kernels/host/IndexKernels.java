package io.sagitta.kernels.host;

import static io.sagitta.kernels.host.Stage.CHUNK;

import java.nio.FloatBuffer;
import java.nio.IntBuffer;

/** Reads and writes at places that another buffer names. */
final class IndexKernels {
  private static final int PART = 16384;

  /** Blocks of places whose sums still fit a second-level cache. */
  private static final int MOST_BLOCKS = 4;

  private IndexKernels() {}

  static void select(HostBuffer x, HostBuffer winners, HostBuffer y) {
    ImageElements source = ImageElements.of(x);
    IntBuffer places = winners.ints();
    ImageElements target = ImageElements.written(y, x);
    Parallel.ranges(Math.toIntExact(y.elements()), PART, 16, (from, to) -> {
      Stage stage = Stage.get();
      int[] bits = stage.ints(0, CHUNK);
      int[] place = stage.ints(1, CHUNK);
      for (int start = from; start < to; start += CHUNK) {
        int n = Math.min(CHUNK, to - start);
        places.get(start, place, 0, n);
        for (int i = 0; i < n; i++) {
          bits[i] = source.bits(place[i]);
        }
        target.putBits(start, bits, n);
      }
    });
  }

  /**
   * Adds to places that may repeat, in the order of y. Each part of x goes through the blocks of y that
   * name a place in it: those of a pooling name places near each other, so these are few.
   */
  static void scatter(HostBuffer y, HostBuffer winners, HostBuffer x) {
    ImageElements source = ImageElements.of(y);
    IntBuffer places = winners.ints();
    ImageElements target = ImageElements.written(x, y);
    int elements = Math.toIntExact(y.elements());
    int[] least = new int[(elements + PART - 1) / PART];
    int[] greatest = new int[least.length];
    Parallel.run(least.length, b -> range(places, b, elements, least, greatest));
    int all = Math.toIntExact(x.elements());
    // As many places as a block is likely to name.
    int part = PART * Math.min(MOST_BLOCKS, Math.max(1, all / Math.max(1, elements)));
    Parallel.ranges(all, part, 1, (from, to) -> {
      float[] sums = Stage.get().zeros(1, to - from);
      for (int b = 0; b < least.length; b++) {
        if (least[b] < to && greatest[b] >= from) {
          add(source, places, b, elements, sums, from, to);
        }
      }
      target.put(from, sums, to - from);
    });
  }

  /** The least and the greatest place that one block names. */
  private static void range(
      IntBuffer places, int block, int elements, int[] least, int[] greatest) {
    int low = Integer.MAX_VALUE;
    int high = Integer.MIN_VALUE;
    int end = Math.min(elements, (block + 1) * PART);
    for (int i = block * PART; i < end; i++) {
      low = Math.min(low, places.get(i));
      high = Math.max(high, places.get(i));
    }
    least[block] = low;
    greatest[block] = high;
  }

  /** Adds what one block has for the places from {@code from} to before {@code to}. */
  private static void add(
      ImageElements source, IntBuffer places, int block, int elements, float[] sums, int from,
      int to) {
    Stage stage = Stage.get();
    float[] values = stage.floats(0, CHUNK);
    int[] place = stage.ints(0, CHUNK);
    int end = Math.min(elements, (block + 1) * PART);
    for (int start = block * PART; start < end; start += CHUNK) {
      int n = Math.min(CHUNK, end - start);
      source.get(start, values, n);
      places.get(start, place, 0, n);
      for (int i = 0; i < n; i++) {
        if (place[i] >= from && place[i] < to) {
          sums[place[i] - from] += values[i];
        }
      }
    }
  }

  static void gatherRows(HostBuffer table, HostBuffer index, HostBuffer y, int rows, int width) {
    FloatBuffer source = table.floats();
    FloatBuffer target = y.writeFloats();
    int[] rowOf = indices("gatherRows", index, rows, table.elements() / width);
    Parallel.ranges(rows, Math.max(1, PART / width), 1, (from, to) -> {
      for (int r = from; r < to; r++) {
        target.put(r * width, source, rowOf[r] * width, width);
      }
    });
  }

  /** Every part owns some rows of the table and goes through all of y in order for them. */
  static void scatterAddRows(
      HostBuffer y, HostBuffer index, HostBuffer table, int rows, int tableRows, int width) {
    ElementwiseKernels.fill(table, 0);
    FloatBuffer source = y.floats();
    FloatBuffer target = table.writeFloats();
    int[] rowOf = indices("scatterAddRows", index, rows, tableRows);
    int parts = (int) Math.min(8, ((long) rows * width - 1) / PART + 1);
    Parallel.ranges(tableRows, (tableRows - 1) / parts + 1, 1, (from, to) -> {
      Stage stage = Stage.get();
      float[] sums = stage.floats(0, width);
      float[] values = stage.floats(1, width);
      for (int r = 0; r < rows; r++) {
        if (rowOf[r] >= from && rowOf[r] < to) {
          target.get(rowOf[r] * width, sums, 0, width);
          source.get(r * width, values, 0, width);
          Loops.add(sums, values, width);
          target.put(rowOf[r] * width, sums, 0, width);
        }
      }
    });
  }

  /** The first {@code count} indices, each checked to be at least 0 and below {@code end}. */
  static int[] indices(String op, HostBuffer index, int count, long end) {
    int[] values = new int[count];
    index.ints().get(0, values, 0, count);
    for (int i = 0; i < count; i++) {
      if (values[i] < 0 || values[i] >= end) {
        throw new IndexOutOfBoundsException(
            op + ": index " + i + ": expected 0 to " + (end - 1) + ", got " + values[i]);
      }
    }
    return values;
  }
}
