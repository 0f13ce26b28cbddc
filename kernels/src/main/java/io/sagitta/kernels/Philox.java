package io.sagitta.kernels;

/**
 * Philox 4×32-10, the counter-based random number generator of Salmon, Moraes, Dror and Shaw,
 * "Parallel Random Numbers: As Easy as 1, 2, 3" (SC 2011). A block of four 32-bit words is a pure
 * function of a 64-bit key and a 128-bit counter, so the same seed and counter give the same bits
 * on every device, in any order and in any split of the work.
 *
 * <p>The counter is used as {@code (index, stream)}: {@code stream} says what the numbers are for
 * (each use makes its own with {@link #stream}), {@code index} counts along it.
 */
public final class Philox {
  private static final int MULTIPLIER_0 = 0xD2511F53;
  private static final int MULTIPLIER_1 = 0xCD9E8D57;
  private static final int WEYL_0 = 0x9E3779B9;
  private static final int WEYL_1 = 0xBB67AE85;
  private static final int ROUNDS = 10;
  private static final double TWO_POW_MINUS_53 = 0x1p-53;

  private final int key0;
  private final int key1;

  /**
   * @param seed the 64-bit key
   */
  public Philox(long seed) {
    key0 = (int) seed;
    key1 = (int) (seed >>> 32);
  }

  /**
   * One block.
   *
   * @param c0 lowest word of the counter
   * @param c3 highest word of the counter
   * @param out receives four words
   */
  public void block(int c0, int c1, int c2, int c3, int[] out) {
    int k0 = key0;
    int k1 = key1;
    for (int round = 0; round < ROUNDS; round++) {
      long p0 = (MULTIPLIER_0 & 0xFFFFFFFFL) * (c0 & 0xFFFFFFFFL);
      long p1 = (MULTIPLIER_1 & 0xFFFFFFFFL) * (c2 & 0xFFFFFFFFL);
      c0 = (int) (p1 >>> 32) ^ c1 ^ k0;
      c1 = (int) p1;
      c2 = (int) (p0 >>> 32) ^ c3 ^ k1;
      c3 = (int) p0;
      k0 += WEYL_0;
      k1 += WEYL_1;
    }
    out[0] = c0;
    out[1] = c1;
    out[2] = c2;
    out[3] = c3;
  }

  /** The block at {@code index} of {@code stream}. */
  public void block(long stream, long index, int[] out) {
    block((int) index, (int) (index >>> 32), (int) stream, (int) (stream >>> 32), out);
  }

  /**
   * A stream's number from a purpose and the thing it is for.
   *
   * @param purpose what the numbers are for: 0 to 255, one for each use in the project
   * @param item which item, such as a sample, layer or epoch: 0 to 2^56 − 1
   */
  public static long stream(int purpose, long item) {
    if (purpose < 0 || purpose > 255 || item < 0 || item >= 1L << 56) {
      throw new IllegalArgumentException(
          "philox: expected purpose in 0..255 and item in 0..2^56-1, got " + purpose + ", " + item);
    }
    return (long) purpose << 56 | item;
  }

  /**
   * A uniform number in [0, 1) with 53 random bits: words 0 and 1 of the block at {@code index}.
   */
  public double uniform(long stream, long index) {
    int[] words = new int[4];
    block(stream, index, words);
    return toUniform(words[0], words[1]);
  }

  /**
   * A standard normal number by the Box–Muller transform of the block at {@code index}, computed in
   * double with {@link StrictMath}, so that it has the same bits everywhere.
   */
  public double normal(long stream, long index) {
    int[] words = new int[4];
    block(stream, index, words);
    double radius = StrictMath.sqrt(-2 * StrictMath.log(1 - toUniform(words[0], words[1])));
    return radius * StrictMath.cos(2 * StrictMath.PI * toUniform(words[2], words[3]));
  }

  /** An integer in [0, bound), bound up to 2^31 − 1; the bias is below bound / 2^53. */
  public int integer(long stream, long index, int bound) {
    if (bound < 1) {
      throw new IllegalArgumentException("philox: expected bound >= 1, got " + bound);
    }
    return (int) (uniform(stream, index) * bound);
  }

  /**
   * Fills with −1 and +1: element e takes bit {@code e mod 32} of word {@code (e / 32) mod 4} of
   * the block {@code e / 128}; a set bit is +1.
   */
  public void rademacher(long stream, byte[] signs) {
    int[] words = new int[4];
    for (int e = 0; e < signs.length; e++) {
      if ((e & 127) == 0) {
        block(stream, e >>> 7, words);
      }
      signs[e] = (byte) (((words[(e >>> 5) & 3] >>> (e & 31)) & 1) * 2 - 1);
    }
  }

  /** A permutation of 0 … size−1 by the Fisher–Yates shuffle. */
  public int[] permutation(long stream, int size) {
    int[] order = new int[size];
    for (int i = 0; i < size; i++) {
      order[i] = i;
    }
    for (int i = size - 1; i > 0; i--) {
      int j = integer(stream, i, i + 1);
      int swapped = order[i];
      order[i] = order[j];
      order[j] = swapped;
    }
    return order;
  }

  private static double toUniform(int high, int low) {
    long bits = (high & 0xFFFFFFFFL) << 21 | (low & 0xFFFFFFFFL) >>> 11;
    return bits * TWO_POW_MINUS_53;
  }
}
