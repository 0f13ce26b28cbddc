package io.sagitta.kernels.host;

import static io.sagitta.kernels.host.Stage.CHUNK;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;

/**
 * Takes blocks of bfloat16 apart into floats and puts them together again.
 *
 * <p>C2 on JDK 17 vectorises neither what changes the width of an element nor stores two apart nor
 * {@link Float#intBitsToFloat}. It does vectorise shifts of ints. So two neighbours are read as one
 * word, whose halves are shifted to where a float has them, all lower ones first, then all upper
 * ones; and bits become floats by way of memory that is seen as both, at the speed of the
 * first-level cache. Measured on one core of an EPYC for 1024 elements: 0.14 µs to read and 0.22 µs
 * to write, against 0.45 µs and 1.1 µs in a plain loop.
 */
final class Bf16Block {
  /** The bit that is set in the mantissa of what is not a number, so that rounding keeps it. */
  private static final int QUIET = 0x400000;

  private static final int INFINITY = 0x7f800000;
  private static final int UPPER = 0xffff0000;

  private int[] words = {};
  private int[] bits = {};
  private IntBuffer memoryOfBits;
  private FloatBuffer memoryOfFloats;

  /**
   * Reads pairs of elements.
   *
   * @param half where in {@code block} the second ones begin
   */
  void read(IntBuffer source, int at, int pairs, float[] block, int half) {
    split(source, at, pairs);
    memoryOfBits.put(0, bits, 0, 2 * pairs);
    if (half == pairs) {
      memoryOfFloats.get(0, block, 0, 2 * pairs);
    } else {
      memoryOfFloats.get(0, block, 0, pairs);
      memoryOfFloats.get(pairs, block, half, pairs);
    }
  }

  /** Writes what {@link #read} reads, rounded to nearest, ties to even. */
  void write(float[] block, int half, IntBuffer target, int at, int pairs) {
    reserve(pairs);
    if (half == pairs) {
      memoryOfFloats.put(0, block, 0, 2 * pairs);
    } else {
      memoryOfFloats.put(0, block, 0, pairs);
      memoryOfFloats.put(pairs, block, half, pairs);
    }
    memoryOfBits.get(0, bits, 0, 2 * pairs);
    round(bits, 2 * pairs);
    join(target, at, pairs);
  }

  /**
   * The bits of pairs of elements as floats have them, all first ones, then all second ones; valid
   * until this is asked for anything else.
   */
  int[] split(IntBuffer source, int at, int pairs) {
    reserve(pairs);
    source.get(at, words, 0, pairs);
    lower(words, bits, pairs);
    upper(words, bits, pairs);
    return bits;
  }

  /** Writes the upper halves of what {@link #split} gave. */
  void join(IntBuffer target, int at, int pairs) {
    join(bits, words, pairs);
    target.put(at, words, 0, pairs);
  }

  /**
   * The bits of a float, of which the upper half is the nearest bfloat16. What is not a number only
   * becomes quiet: added to, it could turn into an infinity or zero.
   */
  static int rounded(int bits) {
    int notNumber = INFINITY - (bits & Integer.MAX_VALUE) >> 31;
    int up = 0x7fff + (bits >>> 16 & 1);
    return bits + (up & ~notNumber) | QUIET & notNumber;
  }

  static void round(int[] bits, int n) {
    for (int i = 0; i < n; i++) {
      bits[i] = rounded(bits[i]);
    }
  }

  private static void lower(int[] words, int[] bits, int pairs) {
    for (int i = 0; i < pairs; i++) {
      bits[i] = words[i] << 16;
    }
  }

  private static void upper(int[] words, int[] bits, int pairs) {
    for (int i = 0; i < pairs; i++) {
      bits[pairs + i] = words[i] & UPPER;
    }
  }

  private static void join(int[] bits, int[] words, int pairs) {
    for (int i = 0; i < pairs; i++) {
      words[i] = bits[i] >>> 16 | bits[pairs + i] & UPPER;
    }
  }

  private void reserve(int pairs) {
    if (memoryOfBits == null || words.length < pairs) {
      int room = Math.max(CHUNK / 2, pairs);
      words = new int[room];
      bits = new int[2 * room];
      ByteBuffer memory =
          ByteBuffer.allocateDirect(2 * room * Float.BYTES).order(ByteOrder.nativeOrder());
      memoryOfBits = memory.asIntBuffer();
      memoryOfFloats = memory.asFloatBuffer();
    }
  }
}
