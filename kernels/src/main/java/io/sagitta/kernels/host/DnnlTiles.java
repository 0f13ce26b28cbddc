package io.sagitta.kernels.host;

import static io.sagitta.kernels.host.Stage.CHUNK;

import java.util.ArrayList;
import java.util.List;

/**
 * How [rows, channels] is cut for oneDNN, by its sizes alone. Its loops over channels are short
 * where these are few, so some rows at a time are given to it as one row of as many channels,
 * {@code width}, that fill its vectors.
 */
final class DnnlTiles {
  /** Numbers that a vector takes at most. */
  private static final int VECTOR = 16;

  /** Elements of a piece, which its floats and those of others share a second-level cache with. */
  private static final int PIECE = 1 << 15;

  /** Terms of a sum in float. */
  private static final int TERMS = 32;

  /** Above this, rows that fill vectors are too long. */
  private static final int MOST = 4 * CHUNK;

  /**
   * What a thread does at once.
   *
   * @param start the first element
   * @param width numbers of a row, whole rows of [rows, channels]
   * @param rows how many
   */
  record Piece(int start, int width, int rows) {
    int elements() {
      return width * rows;
    }
  }

  final int channels;

  /** The greatest width of a piece. */
  final int width;

  final List<Piece> pieces = new ArrayList<>();

  DnnlTiles(int rows, int channels) {
    this.channels = channels;
    int tileRows = Math.min(rows, tileRows(channels));
    this.width = tileRows * channels;
    int tiles = rows / tileRows;
    int most = Math.max(1, Math.min(TERMS, PIECE / width));
    for (int tile = 0; tile < tiles; tile += most) {
      pieces.add(new Piece(tile * width, width, Math.min(most, tiles - tile)));
    }
    int rest = rows % tileRows;
    if (rest > 0) {
      pieces.add(new Piece(tiles * width, rest * channels, 1));
    }
  }

  private static int tileRows(int channels) {
    int fill = VECTOR / Math.min(VECTOR, Integer.lowestOneBit(channels));
    int rows = Math.max(1, CHUNK / channels);
    if (rows >= fill) {
      return rows / fill * fill;
    }
    return fill * channels <= MOST ? fill : rows;
  }

  /** One number a channel, repeated over a width. */
  float[] spread(double[] perChannel) {
    float[] tile = new float[width];
    for (int c = 0; c < channels; c++) {
      tile[c] = (float) perChannel[c];
    }
    Loops.repeat(tile, channels, width / channels);
    return tile;
  }
}
