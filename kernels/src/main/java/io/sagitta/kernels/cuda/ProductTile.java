package io.sagitta.kernels.cuda;

import io.sagitta.kernels.Precision;

/** The part of a product's results that one block of threads computes. */
enum ProductTile {
  /** The least traffic: each number read serves 128 results. */
  SQUARE(128, 128, "128x128"),
  /** For up to 64 columns. */
  TALL(128, 64, "128x64"),
  /** For products too small to occupy the device otherwise. */
  SMALL(64, 64, "64x64"),
  /** For numbers that cannot be copied by four: odd sizes, unaligned buffers. */
  SCALAR(64, 64, "scalar");

  private final int rows;
  private final int columns;
  private final String label;

  ProductTile(int rows, int columns, String label) {
    this.rows = rows;
    this.columns = columns;
    this.label = label;
  }

  int rows() {
    return rows;
  }

  int columns() {
    return columns;
  }

  /** What kernels with this tile are called. */
  String label() {
    return label;
  }

  /** Threads of a block: {@code Tiling::threads} of product.cuh. */
  int threads(Precision precision) {
    int warpRows = precision == Precision.FP32 ? 32 : rows / 2;
    int warpColumns =
        switch (precision) {
          case FP32 -> 64;
          case TF32X3 -> 32;
          case TF32, BF16 -> columns / 2;
        };
    return rows / warpRows * (columns / warpColumns) * 32;
  }

  /** Blocks for {@code products} products of this size. */
  long blocks(long products, long resultRows, long resultColumns) {
    return products * ((resultRows - 1) / rows + 1) * ((resultColumns - 1) / columns + 1);
  }

  /** The largest of the aligned tiles that occupies all multiprocessors. */
  static ProductTile of(long products, long rows, long columns, int multiprocessors) {
    if (columns > 64 && SQUARE.blocks(products, rows, columns) >= multiprocessors) {
      return SQUARE;
    }
    return TALL.blocks(products, rows, columns) >= multiprocessors ? TALL : SMALL;
  }

  /** The aligned tile for a product whose terms are cut into parts, so that any tile will do. */
  static ProductTile ofParts(long rows, long columns) {
    if (rows <= 64) {
      return SMALL;
    }
    return columns > 64 ? SQUARE : TALL;
  }
}
