package io.sagitta.kernels.host;

import java.nio.IntBuffer;
import java.nio.ShortBuffer;

/**
 * Images that are stored as bfloat16.
 *
 * @param words two neighbours each, the first in the lower half
 * @param shorts the same elements one by one: the last of an odd number is in no word
 */
record Bf16Images(IntBuffer words, ShortBuffer shorts) implements Images {

  @Override
  public boolean paired() {
    return true;
  }

  @Override
  public void get(int start, int n, float[] block, int half) {
    int pairs = n / 2;
    Stage.get().bf16().read(words, start / 2, pairs, block, half);
    if (n % 2 != 0) {
      block[pairs] = Float.intBitsToFloat(shorts.get(start + n - 1) << 16);
    }
  }

  @Override
  public void put(int start, int n, float[] block, int half) {
    int pairs = n / 2;
    Stage.get().bf16().write(block, half, words, start / 2, pairs);
    if (n % 2 != 0) {
      int bits = Bf16Block.rounded(Float.floatToRawIntBits(block[pairs]));
      shorts.put(start + n - 1, (short) (bits >>> 16));
    }
  }
}
