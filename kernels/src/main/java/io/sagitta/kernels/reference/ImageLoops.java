package io.sagitta.kernels.reference;

import io.sagitta.kernels.Philox;
import io.sagitta.kernels.RandomSigns;

/** Random signs, and batches of images. */
final class ImageLoops {
  private ImageLoops() {}

  static void rademacher(ReferenceBuffer keys, ReferenceBuffer weights, ReferenceBuffer y) {
    int rows = Math.toIntExact(keys.elements() / RandomSigns.KEY);
    int width = rows == 0 ? 0 : Math.toIntExact(y.elements() / rows);
    int[] key = new int[RandomSigns.KEY];
    byte[] v = new byte[width];
    byte[] u = new byte[width];
    for (long r = 0; r < rows; r++) {
      for (int i = 0; i < key.length; i++) {
        key[i] = keys.index(r * key.length + i);
      }
      Philox philox = new Philox(RandomSigns.number(key, 0));
      philox.rademacher(RandomSigns.number(key, 2), v);
      philox.rademacher(RandomSigns.number(key, 4), u);
      for (int e = 0; e < width; e++) {
        y.set(r * width + e, weights.get(0) * v[e] + weights.get(1) * u[e]);
      }
    }
  }

  static void cropFlip(
      ReferenceBuffer images, ReferenceBuffer table, ReferenceBuffer draws, ReferenceBuffer y,
      int batch, int height, int width, int channels) {
    long to = 0;
    for (long b = 0; b < batch; b++) {
      for (int i = 0; i < height; i++) {
        for (int j = 0; j < width; j++) {
          int row = i + draws.index(4 * b + 1);
          int column = (draws.index(4 * b + 3) != 0 ? width - 1 - j : j) + draws.index(4 * b + 2);
          boolean inside = row >= 0 && row < height && column >= 0 && column < width;
          long pixel = ((long) draws.index(4 * b) * height + row) * width + column;
          for (int c = 0; c < channels; c++) {
            int value = inside ? unsignedByte(images, pixel * channels + c) : 0;
            y.set(to++, table.get(256L * c + value));
          }
        }
      }
    }
  }

  private static int unsignedByte(ReferenceBuffer packed, long at) {
    return packed.index(at / 4) >>> 8 * (at % 4) & 0xFF;
  }
}
