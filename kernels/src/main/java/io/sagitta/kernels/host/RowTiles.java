package io.sagitta.kernels.host;

import static io.sagitta.kernels.host.Stage.CHUNK;

import java.util.Arrays;

/**
 * How [rows, channels] is cut, by its sizes alone: tiles of as many whole rows as fit a chunk, and
 * parts of a fixed number of tiles. The elements of a tile lie as {@link Images} give them: in
 * order, or those of even place before those of odd place.
 */
final class RowTiles {
  /** Tiles of a part: as many terms as a float accumulator takes. */
  private static final int TILES = 32;

  /** What is done with the {@code n} elements from {@code start} on. */
  interface Tile {
    void run(int start, int n);
  }

  /** What is done with the elements {@code from} to {@code to} of a tile as it lies. */
  interface Run {
    void run(int from, int to);
  }

  private final boolean paired;
  final int rows;
  final int channels;

  /** Rows of a tile. */
  final int tileRows;

  /** Rows of a part. */
  final int partRows;

  final int parts;

  /**
   * @param paired whether a tile lies as its elements of even place, then those of odd place
   */
  RowTiles(int rows, int channels, boolean paired) {
    this(rows, channels, CHUNK, paired);
  }

  /** Tiles, in order, of as many rows as have {@code chunk} elements, at least one. */
  RowTiles(int rows, int channels, int chunk) {
    this(rows, channels, chunk, false);
  }

  private RowTiles(int rows, int channels, int chunk, boolean paired) {
    this.rows = rows;
    this.channels = channels;
    this.paired = paired;
    int whole = Math.min(rows, Math.max(1, chunk / channels));
    this.tileRows = paired && whole * channels % 2 != 0 ? whole + 1 : whole;
    this.partRows = tileRows * TILES;
    this.parts = (rows - 1) / partRows + 1;
  }

  /** Elements of a tile. */
  int tile() {
    return tileRows * channels;
  }

  /** Where in a tile the elements of odd place begin, if paired. */
  int half() {
    return tile() / 2;
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

  /** Calls {@code body} for where the first {@code n} elements of a tile lie. */
  void over(int n, Run body) {
    if (!paired || n == tile()) {
      body.run(0, n);
    } else {
      body.run(0, (n + 1) / 2);
      body.run(half(), half() + n / 2);
    }
  }

  /** One number a channel, repeated over a tile. */
  float[] spread(double[] perChannel) {
    float[] tile = new float[tile()];
    for (int c = 0; c < channels; c++) {
      tile[c] = (float) perChannel[c];
    }
    repeat(tile);
    return tile;
  }

  /** Repeats the first {@code channels} numbers of an array over a tile. */
  void repeat(float[] tile) {
    Loops.repeat(tile, channels, tileRows);
    if (paired) {
      float[] inOrder = Arrays.copyOf(tile, tile());
      for (int i = 0; i < inOrder.length; i++) {
        tile[place(i)] = inOrder[i];
      }
    }
  }

  /** Adds the first {@code n} elements of a tile to their channels' totals. */
  void fold(float[] tile, int n, double[] totals, int offset) {
    if (paired) {
      foldPairs(tile, n, totals, offset);
      return;
    }
    for (int i = 0; i < n; i += channels) {
      for (int c = 0; c < channels; c++) {
        totals[offset + c] += tile[i + c];
      }
    }
  }

  private void foldPairs(float[] tile, int n, double[] totals, int offset) {
    for (int i = 0; i < n; i += channels) {
      for (int c = 0; c < channels; c++) {
        totals[offset + c] += tile[place(i + c)];
      }
    }
  }

  /** Where an element lies among pairs. */
  private int place(int element) {
    return element / 2 + (element % 2 == 0 ? 0 : half());
  }
}
