package io.sagitta.kernels.host;

import io.sagitta.kernels.Philox;
import io.sagitta.kernels.RandomSigns;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.util.Arrays;

/** Random signs, and batches of images: a part of the work is a row of signs or an image. */
final class ImageKernels {
  /** Signs of one Philox block. */
  private static final int BLOCK = 128;

  private static final int VALUES = 256;

  private ImageKernels() {}

  static void rademacher(HostBuffer keys, HostBuffer weights, HostBuffer y) {
    FloatBuffer target = y.writeFloats();
    int[] key = new int[Math.toIntExact(keys.elements())];
    keys.ints().get(0, key, 0, key.length);
    int rows = key.length / RandomSigns.KEY;
    int width = Math.toIntExact(y.elements() / rows);
    float first = weights.floats().get(0);
    float second = weights.floats().get(1);
    Parallel.run(rows, row -> {
      float[] signs = Stage.get().floats(0, BLOCK);
      Philox philox = new Philox(RandomSigns.number(key, RandomSigns.KEY * row));
      long v = RandomSigns.number(key, RandomSigns.KEY * row + 2);
      long u = RandomSigns.number(key, RandomSigns.KEY * row + 4);
      int[] words = new int[4];
      for (int start = 0; start < width; start += BLOCK) {
        Arrays.fill(signs, 0, BLOCK, 0);
        philox.block(v, start / BLOCK, words);
        addSigns(words, first, signs);
        if (second != 0) {
          philox.block(u, start / BLOCK, words);
          addSigns(words, second, signs);
        }
        target.put(row * width + start, signs, 0, Math.min(BLOCK, width - start));
      }
    });
  }

  /** Adds {@code weight} times the signs of one block. */
  private static void addSigns(int[] words, float weight, float[] signs) {
    for (int e = 0; e < BLOCK; e++) {
      signs[e] += ((words[e >>> 5] >>> (e & 31) & 1) * 2 - 1) * weight;
    }
  }

  static void cropFlip(
      HostBuffer images, HostBuffer table, HostBuffer draws, HostBuffer y, int batch, int height,
      int width, int channels) {
    IntBuffer packed = images.ints();
    FloatBuffer target = y.writeFloats();
    float[] values = new float[channels * VALUES];
    table.floats().get(0, values, 0, values.length);
    int[] drawn = new int[4 * batch];
    draws.ints().get(0, drawn, 0, drawn.length);
    int row = width * channels;
    Parallel.run(batch, b -> {
      float[] line = Stage.get().floats(0, row);
      for (int i = 0; i < height; i++) {
        int source = i + drawn[4 * b + 1];
        boolean inside = source >= 0 && source < height;
        long from = inside ? ((long) drawn[4 * b] * height + source) * row : -1;
        line(packed, from, drawn[4 * b + 2], drawn[4 * b + 3] != 0, values, line, width, channels);
        target.put((b * height + i) * row, line, 0, row);
      }
    });
  }

  /**
   * One line of an image.
   *
   * @param from the byte at which the line begins in the data set, or −1 where it lies outside
   */
  private static void line(
      IntBuffer packed, long from, int shift, boolean flip, float[] values, float[] line,
      int width, int channels) {
    for (int j = 0; j < width; j++) {
      int column = (flip ? width - 1 - j : j) + shift;
      boolean inside = from >= 0 && column >= 0 && column < width;
      for (int c = 0; c < channels; c++) {
        long at = from + (long) column * channels + c;
        int pixel = inside ? packed.get((int) (at >> 2)) >>> ((int) at & 3) * 8 & 0xFF : 0;
        line[j * channels + c] = values[c * VALUES + pixel];
      }
    }
  }
}
