package io.sagitta.kernels.host;

import static io.sagitta.kernels.host.Stage.CHUNK;

/**
 * How [rows, channels] is cut, by its sizes alone: tiles of as many whole rows as fit a chunk, and
 * parts of a fixed number of tiles.
 */
final class RowTiles {
  /** Tiles of a part: as many terms as a float accumulator takes. */
  private static final int TILES = 32;

  /** What is done with the {@code n} elements from {@code start} on. */
  interface Tile {
    void run(int start, int n);
  }

  final int rows;
  final int channels;

  /** Rows of a tile. */
  final int tileRows;

  /** Rows of a part. */
  final int partRows;

  final int parts;

  RowTiles(int rows, int channels) {
    this(rows, channels, CHUNK);
  }

  /** Tiles of as many rows as have {@code chunk} elements, at least one. */
  RowTiles(int rows, int channels, int chunk) {
    this.rows = rows;
    this.channels = channels;
    this.tileRows = Math.min(rows, Math.max(1, chunk / channels));
    this.partRows = tileRows * TILES;
    this.parts = (rows - 1) / partRows + 1;
  }

  /** Elements of a tile. */
  int tile() {
    return tileRows * channels;
  }

  /** Rows of one part; the last may have fewer than the others. */
  int partRows(int part) {
    return Math.min(partRows, rows - part * partRows);
  }

  /** Calls {@code body} for every tile of a part. */
  void each(int part, Tile body) {
    int first = part * partRows;
    int end = first + partRows(part);
    for (int row = first; row < end; row += tileRows) {
      body.run(row * channels, Math.min(tileRows, end - row) * channels);
    }
  }

  /** One number a channel, repeated over a tile. */
  float[] spread(double[] perChannel) {
    return NormChannels.spread(perChannel, channels, tileRows);
  }

  /** Adds the first {@code n} elements of a tile to their channels' totals. */
  void fold(float[] tile, int n, double[] totals, int offset) {
    NormChannels.fold(tile, n, channels, totals, offset);
  }
}
