package io.sagitta.nn.io;

/**
 * The two 16-bit floating formats: IEEE 754 binary16 (5 exponent bits, 10 fraction bits) and
 * bfloat16 (the upper half of a binary32). Rounding is to nearest, ties to even; not-a-number stays
 * quiet and not-a-number.
 */
final class HalfFloats {
  private static final int HALF_INFINITY = 0x7C00;
  private static final int HALF_NAN = 0x7E00;
  /** 65,520: the midpoint between the largest half and the next power of two. */
  private static final float HALF_OVERFLOW = 65520f;
  /** The smallest normal half. */
  private static final float HALF_NORMAL = 0x1p-14f;

  private HalfFloats() {}

  static short toHalf(float value) {
    int sign = Float.floatToRawIntBits(value) >>> 16 & 0x8000;
    float size = Math.abs(value);
    if (Float.isNaN(value)) {
      return (short) (sign | HALF_NAN);
    }
    if (size >= HALF_OVERFLOW) {
      return (short) (sign | HALF_INFINITY);
    }
    if (size < HALF_NORMAL) {
      // Subnormal halves are multiples of 2^-24; rint rounds ties to even, and 1024 of them is the
      // smallest normal's own encoding.
      return (short) (sign | (int) Math.rint(size * 0x1p24f));
    }
    int bits = Float.floatToRawIntBits(size) - ((127 - 15) << 23);
    return (short) (sign | roundShift(bits, 13));
  }

  static float fromHalf(short half) {
    int exponent = half >>> 10 & 0x1F;
    int fraction = half & 0x3FF;
    int sign = (half & 0x8000) << 16;
    if (exponent == 0) {
      return Math.copySign(fraction * 0x1p-24f, Float.intBitsToFloat(sign | 1));
    }
    int wide = exponent == 0x1F ? 0xFF : exponent + 127 - 15;
    return Float.intBitsToFloat(sign | wide << 23 | fraction << 13);
  }

  static short toBfloat(float value) {
    int bits = Float.floatToRawIntBits(value);
    if (Float.isNaN(value)) {
      return (short) (bits >>> 16 | 0x40);
    }
    return (short) roundShift(bits, 16);
  }

  static float fromBfloat(short bfloat) {
    return Float.intBitsToFloat(bfloat << 16);
  }

  /** Drops low bits, rounding to nearest, ties to even; a carry runs into the exponent. */
  private static int roundShift(int bits, int shift) {
    int half = 1 << (shift - 1);
    int odd = bits >>> shift & 1;
    return bits + half - 1 + odd >>> shift;
  }
}
