package io.sagitta.kernels.host;

import java.util.Arrays;

/**
 * The heap arrays through which a thread's work passes. C2 vectorises simple loops over separate
 * heap arrays from index 0, but not over direct buffers, whose addresses may overlap; bulk copies
 * between the two run at cache speed. So kernels stage chunks that fit the first-level cache.
 *
 * <p>An array lasts until the same thread asks for the same slot again; its contents are undefined.
 */
final class Stage {
  /** Elements of a chunk: 4 KiB, so that eight or more arrays fit a first-level cache. */
  static final int CHUNK = 1024;

  private static final int SLOTS = 12;
  private static final ThreadLocal<Stage> LOCAL = ThreadLocal.withInitial(Stage::new);

  private final float[][] floats = new float[SLOTS][0];
  private final int[][] ints = new int[SLOTS][0];
  private final float[][][] rows = new float[SLOTS][0][];
  private final double[][] doubles = new double[SLOTS][0];
  private short[] shorts = {};

  private Stage() {}

  /** The calling thread's. */
  static Stage get() {
    return LOCAL.get();
  }

  float[] floats(int slot, int length) {
    if (floats[slot].length < length) {
      floats[slot] = new float[Math.max(CHUNK, length)];
    }
    return floats[slot];
  }

  int[] ints(int slot, int length) {
    if (ints[slot].length < length) {
      ints[slot] = new int[Math.max(CHUNK, length)];
    }
    return ints[slot];
  }

  /** The one array of shorts, through which bfloat16 passes. */
  short[] shorts(int length) {
    if (shorts.length < length) {
      shorts = new short[Math.max(CHUNK, length)];
    }
    return shorts;
  }

  /** {@code count} arrays of at least {@code width} elements each. */
  float[][] rows(int slot, int count, int width) {
    float[][] current = rows[slot];
    if (current.length < count || count > 0 && current[0].length < width) {
      current = new float[count][width];
      rows[slot] = current;
    }
    return current;
  }

  double[] doubles(int slot, int length) {
    if (doubles[slot].length < length) {
      doubles[slot] = new double[Math.max(CHUNK, length)];
    }
    return doubles[slot];
  }

  /** The first {@code length} elements of a slot, all zero. */
  float[] zeros(int slot, int length) {
    float[] array = floats(slot, length);
    Arrays.fill(array, 0, length, 0);
    return array;
  }
}
