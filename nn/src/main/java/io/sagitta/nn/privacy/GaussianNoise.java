package io.sagitta.nn.privacy;

import io.sagitta.engine.DenseTensor;
import io.sagitta.kernels.Backend;
import io.sagitta.kernels.Buffer;
import io.sagitta.kernels.Philox;
import java.util.stream.IntStream;

/**
 * The noise of private training: a pure function of (seed, step, parameter, element), made on the
 * processor, so every backend adds the same numbers, and a step that is done again after a stop
 * reveals nothing new.
 *
 * <p>Two limits of the promise. Whoever knows the seed can take the noise away: it must stay secret
 * where weights are published. And ε is proven for real numbers: the numbers here have 53 random bits
 * and are rounded to float32, and their lowest bits say more about a sum than the theory allows
 * (Mironov, "On Significance of the Least Significant Bits for Differential Privacy", CCS 2012), to
 * whoever sees single gradients.
 */
public final class GaussianNoise {
  /** The purpose of the random streams; the item is step and parameter. */
  private static final int PURPOSE = 21;

  private static final int PARAMETER_BITS = 16;

  /** Elements that are made by one thread, and uploaded at once. */
  private static final int PIECE = 1 << 16;

  private GaussianNoise() {}

  /**
   * sum += deviation·z, z standard normal.
   *
   * @param step counts from 0 over the whole training
   * @param parameter which of the network's, below 65,536
   */
  public static void add(DenseTensor sum, double deviation, long seed, long step, int parameter) {
    if (deviation == 0) {
      return;
    }
    Backend backend = sum.backend();
    int count = Math.toIntExact(sum.shape().elements());
    float[] values = new float[count];
    long stream = Philox.stream(PURPOSE, step << PARAMETER_BITS | parameter);
    IntStream.range(0, (count + PIECE - 1) / PIECE)
        .parallel()
        .forEach(p -> fill(seed, stream, p * PIECE, Math.min(count, (p + 1) * PIECE), values));
    Buffer noise = backend.allocate(backend.dtype(), count);
    try {
      backend.upload(values, 0, noise, 0, count);
      backend.accumulate(noise, deviation, sum.buffer());
    } finally {
      noise.release();
    }
  }

  /** Standard normal numbers from an even element on: two of each block. */
  private static void fill(long seed, long stream, int from, int to, float[] values) {
    Philox philox = new Philox(seed);
    int[] words = new int[4];
    for (int i = from; i < to; i++) {
      int half = i & 1;
      if (half == 0) {
        philox.block(stream, i >>> 1, words);
      }
      values[i] = (float) NormalQuantile.of(uniform(words[2 * half], words[2 * half + 1]));
    }
  }

  /** The middle of one of 2^53 equal parts of (0, 1). */
  private static double uniform(int high, int low) {
    long bits = (high & 0xFFFFFFFFL) << 21 | (low & 0xFFFFFFFFL) >>> 11;
    return (bits + 0.5) * 0x1p-53;
  }
}
