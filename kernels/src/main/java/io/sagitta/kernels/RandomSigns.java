package io.sagitta.kernels;

/**
 * Rows of sums of two random signs each, {@code weights[0]·v + weights[1]·u}: v and u are what
 * {@link Philox#rademacher} makes of the row's seed and two streams. What says which numbers these
 * are lies in buffers, so that recorded work makes others when they have changed and it is replayed.
 * A kernel may make the numbers where it reads them ({@link Backend#conv2dOfSigns}).
 *
 * @param keys {@link DType#I32} [rows, 6]: seed, v's stream, u's stream, of each the lower half
 *     first
 * @param weights [2]; where the second is 0, there is no u
 */
public record RandomSigns(Buffer keys, Buffer weights) {
  /** Elements of a row's key. */
  public static final int KEY = 6;

  /**
   * The elements of {@link #keys}.
   *
   * @param first v's stream in each row
   * @param second u's stream in each row
   */
  public static int[] keys(long seed, long[] first, long[] second) {
    if (first.length != second.length) {
      throw new IllegalArgumentException(
          "random signs: expected as many streams of v as of u, got " + first.length + " and "
              + second.length);
    }
    int[] keys = new int[Math.multiplyExact(KEY, first.length)];
    for (int row = 0; row < first.length; row++) {
      put(seed, keys, KEY * row);
      put(first[row], keys, KEY * row + 2);
      put(second[row], keys, KEY * row + 4);
    }
    return keys;
  }

  private static void put(long number, int[] keys, int at) {
    keys[at] = (int) number;
    keys[at + 1] = (int) (number >>> 32);
  }

  /** The number whose lower half is {@code keys[at]} and whose upper half follows. */
  public static long number(int[] keys, int at) {
    return keys[at] & 0xFFFFFFFFL | (long) keys[at + 1] << 32;
  }
}
