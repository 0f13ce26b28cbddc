package io.sagitta.kernels.host;

import static io.sagitta.kernels.host.Stage.CHUNK;

import java.nio.FloatBuffer;
import java.nio.IntBuffer;

/** Reads and writes at places that another buffer names. */
final class IndexKernels {
  private static final int PART = 16384;

  private IndexKernels() {}

  static void select(HostBuffer x, HostBuffer winners, HostBuffer y) {
    FloatBuffer source = x.floats();
    IntBuffer places = winners.ints();
    FloatBuffer target = y.writeFloats();
    Parallel.ranges(Math.toIntExact(y.elements()), PART, 16, (from, to) -> {
      Stage stage = Stage.get();
      float[] values = stage.floats(0, CHUNK);
      int[] place = stage.ints(0, CHUNK);
      for (int start = from; start < to; start += CHUNK) {
        int n = Math.min(CHUNK, to - start);
        places.get(start, place, 0, n);
        for (int i = 0; i < n; i++) {
          values[i] = source.get(place[i]);
        }
        target.put(start, values, 0, n);
      }
    });
  }

  /**
   * Adds to places that may repeat. The places of a pooling rise with the index but for an overlap
   * of neighbours: where every block of y reaches only places before those of the block after next,
   * first all even blocks run at once and then all odd ones, so that no place is shared by two
   * threads and the order of additions is fixed. Otherwise the blocks run one after the other.
   */
  static void scatter(HostBuffer y, HostBuffer winners, HostBuffer x) {
    ElementwiseKernels.fill(x, 0);
    FloatBuffer source = y.floats();
    IntBuffer places = winners.ints();
    FloatBuffer target = x.writeFloats();
    int elements = Math.toIntExact(y.elements());
    int blocks = (elements + PART - 1) / PART;
    int[] least = new int[blocks];
    int[] greatest = new int[blocks];
    Parallel.run(blocks, b -> range(places, b, elements, least, greatest));
    boolean ordered = true;
    for (int b = 2; b < blocks; b++) {
      ordered &= greatest[b - 2] < least[b];
      greatest[b] = Math.max(greatest[b], greatest[b - 2]);
    }
    if (ordered) {
      Parallel.run((blocks + 1) / 2, i -> add(source, places, target, 2 * i, elements));
      Parallel.run(blocks / 2, i -> add(source, places, target, 2 * i + 1, elements));
    } else {
      for (int b = 0; b < blocks; b++) {
        add(source, places, target, b, elements);
      }
    }
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

  private static void add(
      FloatBuffer source, IntBuffer places, FloatBuffer target, int block, int elements) {
    int end = Math.min(elements, (block + 1) * PART);
    for (int i = block * PART; i < end; i++) {
      int place = places.get(i);
      target.put(place, target.get(place) + source.get(i));
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
