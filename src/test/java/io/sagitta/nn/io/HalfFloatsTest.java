package io.sagitta.nn.io;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class HalfFloatsTest {
  /** The definition: sign, exponent, fraction. */
  private static double half(int bits) {
    int exponent = bits >>> 10 & 0x1F;
    int fraction = bits & 0x3FF;
    double size =
        exponent == 0
            ? StrictMath.scalb(fraction, -24)
            : StrictMath.scalb(1024 + fraction, exponent - 25);
    return (bits & 0x8000) == 0 ? size : -size;
  }

  @Test
  void everyFiniteHalfIsItsDefinitionAndSurvives() {
    for (int bits = 0; bits < 1 << 16; bits++) {
      if ((bits & 0x7C00) != 0x7C00) {
        float value = HalfFloats.fromHalf((short) bits);
        assertThat((double) value).isEqualTo(half(bits));
        assertThat(HalfFloats.toHalf(value)).isEqualTo((short) bits);
      }
    }
  }

  @Test
  void infinitiesAndNotANumberSurvive() {
    for (float value : new float[] {Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY}) {
      assertThat(HalfFloats.fromHalf(HalfFloats.toHalf(value))).isEqualTo(value);
      assertThat(HalfFloats.fromBfloat(HalfFloats.toBfloat(value))).isEqualTo(value);
    }
    // A signalling NaN whose payload is all in the bits that are cut must not become infinite.
    for (int bits : new int[] {0x7FC00000, 0x7F800001, 0xFF800001}) {
      float nan = Float.intBitsToFloat(bits);
      assertThat(HalfFloats.fromHalf(HalfFloats.toHalf(nan))).isNaN();
      assertThat(HalfFloats.fromBfloat(HalfFloats.toBfloat(nan))).isNaN();
    }
  }

  @Test
  void roundsToTheNearestHalfTiesToEven() {
    // 0x7C00, infinity, stands one step beyond the largest finite half when rounding.
    requireNearest(bits -> bits == 0x7C00 ? 65536 : half(bits), 0x7C00, false);
  }

  @Test
  void roundsToTheNearestBfloatTiesToEven() {
    requireNearest(
        bits -> bits == 0x7F80 ? 0x1p128 : Float.intBitsToFloat(bits << 16), 0x7F80, true);
  }

  /** Every midpoint between neighbours, the floats just beside it, and random ones. */
  private static void requireNearest(IntToDoubleFunction value, int infinity, boolean bfloat) {
    SplittableRandom random = new SplittableRandom(5);
    IntStream.range(0, infinity)
        .forEach(
            bits -> {
              double low = value.applyAsDouble(bits);
              double high = value.applyAsDouble(bits + 1);
              float middle = (float) ((low + high) / 2);
              float inside = (float) (low + (high - low) * random.nextDouble());
              for (float x :
                  new float[] {Math.nextDown(middle), middle, Math.nextUp(middle), inside}) {
                double below = x - low;
                double above = high - x;
                int nearest = below < above || below == above && bits % 2 == 0 ? bits : bits + 1;
                if (below >= 0 && above >= 0) {
                  assertThat(round(x, bfloat)).as("%s", x).isEqualTo((short) nearest);
                  assertThat(round(-x, bfloat)).isEqualTo((short) (nearest | 0x8000));
                }
              }
            });
  }

  private static short round(float x, boolean bfloat) {
    return bfloat ? HalfFloats.toBfloat(x) : HalfFloats.toHalf(x);
  }
}
