package io.sagitta.kernels.cuda;

import io.sagitta.kernels.Conv2dGeometry;

/**
 * The random bits that a block of conv2d_of_signs.cu makes for its pixels, in Philox blocks: those
 * of all image rows that the pixels read.
 *
 * @param imageBlocks of one image
 * @param most of any block of pixels
 */
record SignWindow(int imageBlocks, int most) {
  /** Pixels of a block, as in conv2d_of_signs.cu. */
  private static final int PIXELS = ProductTile.SCALAR.rows();

  /** Signs of a Philox block. */
  private static final int SIGNS = 128;

  /** Bytes of a Philox block of two streams. */
  private static final int BYTES = 32;

  /** Bytes of a pixel's first bit. */
  private static final int PIXEL_BYTES = 4;

  /** The most shared memory for them, so that two blocks share a multiprocessor. */
  static final int MOST_BYTES = 32 << 10;

  static SignWindow of(Conv2dGeometry g) {
    long elements = (long) g.height() * g.width() * g.inChannels();
    int imageBlocks = Math.toIntExact((elements + SIGNS - 1) / SIGNS);
    long grid = (long) g.outHeight() * g.outWidth();
    long pixels = g.batch() * grid;
    // Which pixel of its image a block begins with repeats after so many blocks.
    long phases = Math.min((pixels - 1) / PIXELS + 1, grid);
    long most = 0;
    for (long phase = 0; phase < phases; phase++) {
      long first = phase * PIXELS;
      long last = Math.min(first + PIXELS, pixels) - 1;
      long begin = first / grid * imageBlocks + place(g, first % grid, 0) / SIGNS;
      long to = place(g, last % grid, g.kernelHeight());
      long end = last / grid * imageBlocks + (to + SIGNS - 1) / SIGNS;
      most = Math.max(most, end - begin);
    }
    return new SignWindow(imageBlocks, Math.toIntExact(most));
  }

  /** The first element of the image row {@code down} below a pixel's window, inside the image. */
  private static long place(Conv2dGeometry g, long pixel, int down) {
    long row = pixel / g.outWidth() * g.stride() - g.padding() + down;
    return Math.max(0, Math.min(row, g.height())) * g.width() * g.inChannels();
  }

  /** Shared memory beside that of the product. */
  int sharedBytes() {
    return PIXELS * PIXEL_BYTES + most * BYTES;
  }

  /** Whether a block has room for its bits. */
  boolean fits() {
    return (long) most * BYTES <= MOST_BYTES - PIXELS * PIXEL_BYTES;
  }
}
