package io.sagitta.kernels.reference;

import io.sagitta.kernels.Philox;

/** Random signs, and batches of images. */
final class ImageLoops {
  private ImageLoops() {}

  static void rademacher(long seed, long[] streams, ReferenceBuffer y) {
    if (streams.length == 0) {
      return;
    }
    Philox philox = new Philox(seed);
    byte[] signs = new byte[Math.toIntExact(y.elements() / streams.length)];
    for (int r = 0; r < streams.length; r++) {
      philox.rademacher(streams[r], signs);
      for (int e = 0; e < signs.length; e++) {
        y.set((long) r * signs.length + e, signs[e]);
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
