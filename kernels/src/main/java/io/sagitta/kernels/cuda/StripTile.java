package io.sagitta.kernels.cuda;

import java.util.Arrays;

/** The part of a convolution by strips that one block of threads computes; the largest first. */
enum StripTile {
  WIDE(256, 128),
  TALL(256, 64),
  SHORT(128, 64);

  /** Taps of a row. */
  static final int TAPS = 3;

  private static final int STAGES = 2;

  /** Bytes of a line of pixels or weights in a stage, and of a line's corner. */
  private static final int LINE_BYTES = 128;

  private static final int CORNER_BYTES = 8;

  /** The narrowest rows of pixels that strips are made of: two of three pixels read are needed. */
  private static final int LEAST_WIDTH = 4;

  /** A device that is fuller than this is full. */
  private static final double FULL = 0.9;

  private final int rows;
  private final int columns;

  StripTile(int rows, int columns) {
    this.rows = rows;
    this.columns = columns;
  }

  /**
   * The largest tile whose blocks occupy the device.
   *
   * @return null where there is none, or the correlation is not one of strips
   */
  static StripTile of(ImageSizes sizes, int groups, int multiprocessors) {
    if (!sizes.hasRowsOf(TAPS) || sizes.gridWidth() < LEAST_WIDTH) {
      return null;
    }
    return Arrays.stream(values())
        .filter(tile -> tile.rows % sizes.gridWidth() == 0)
        .filter(tile -> tile.columns <= Math.max(SHORT.columns, sizes.outputs()))
        .filter(tile -> tile.blocks(sizes) * groups >= FULL * multiprocessors)
        .findFirst()
        .orElse(null);
  }

  String label() {
    return rows + "x" + columns;
  }

  /** A warp of 64 rows for every 64 rows and each half of the columns. */
  int threads() {
    return rows / 64 * 2 * 32;
  }

  /** Rows whose statistics one thread sums up. */
  int slice() {
    return rows * columns / threads();
  }

  long blocks(ImageSizes sizes) {
    return ((sizes.pixels() - 1L) / rows + 1) * ((sizes.outputs() - 1) / columns + 1);
  }

  /** Shared memory for rows of this many pixels. */
  int sharedBytes(int width) {
    int lines = rows / width * (width + TAPS - 1);
    int stages = STAGES * (lines + TAPS * columns) * LINE_BYTES;
    int results = rows * (columns + 8) * Float.BYTES;
    return lines * CORNER_BYTES + Math.max(stages, results);
  }

  /** The most that any width takes. */
  int mostSharedBytes() {
    return sharedBytes(LEAST_WIDTH);
  }
}
