package io.sagitta.nn.data;

import java.util.Arrays;

/**
 * Bilinear resampling with antialiasing: each output pixel is a weighted mean under a triangle as
 * wide as the reduction, as Pillow's {@code BILINEAR} computes it. Rows first, then columns.
 */
final class Resize {
  private Resize() {}

  /**
   * Scales the shorter side to {@code resize}, then cuts a square out of the middle, as
   * torchvision's {@code Resize} and {@code CenterCrop} do. Only the rows that the square needs are
   * scaled, so memory is bounded by the shorter side, whatever the longer one is.
   *
   * @return [side, side, 3]
   */
  static ImageDecoder.Picture squareOf(ImageDecoder.Picture picture, int resize, int side) {
    int shorter = Math.min(picture.height(), picture.width());
    if (picture.height() == side && picture.width() == side && resize == side) {
      return picture;
    }
    Taps across = new Taps(picture.width(), (long) picture.width() * resize / shorter, side);
    Taps down = new Taps(picture.height(), (long) picture.height() * resize / shorter, side);
    int top = down.first[0];
    int rows = down.first[side - 1] + down.weights[side - 1].length - top;
    float[] scaled = new float[Math.multiplyExact(rows, side * 3)];
    for (int y = 0; y < rows; y++) {
      across.row(picture.rgb(), (top + y) * picture.width() * 3, scaled, y * side * 3);
    }
    byte[] out = new byte[side * side * 3];
    float[] sums = new float[side * 3];
    for (int y = 0; y < side; y++) {
      down.rows(y, scaled, top, sums);
      for (int x = 0; x < sums.length; x++) {
        out[y * sums.length + x] = (byte) Math.min(255, Math.round(sums[x]));
      }
    }
    return new ImageDecoder.Picture(side, side, out);
  }

  /** The weights of one axis, for the middle of its result. */
  private static final class Taps {
    private final int[] first;
    private final float[][] weights;

    /**
     * @param from extent of the source
     * @param to extent of the whole result
     * @param count how many pixels of the middle are wanted
     */
    Taps(int from, long to, int count) {
      // Half an excess pixel is rounded to even, as Python rounds.
      long begin = (long) Math.rint((to - count) / 2.0);
      first = new int[count];
      weights = new float[count][];
      double scale = (double) from / to;
      double support = Math.max(scale, 1);
      for (int i = 0; i < count; i++) {
        double centre = (begin + i + 0.5) * scale;
        int low = Math.max(0, (int) (centre - support + 0.5));
        int high = Math.min(from, (int) (centre + support + 0.5));
        first[i] = low;
        weights[i] = triangle(low, high, centre, support);
      }
    }

    private static float[] triangle(int low, int high, double centre, double support) {
      double[] exact = new double[high - low];
      double sum = 0;
      for (int j = 0; j < exact.length; j++) {
        exact[j] = Math.max(0, 1 - Math.abs((low + j + 0.5 - centre) / support));
        sum += exact[j];
      }
      float[] weights = new float[exact.length];
      for (int j = 0; j < exact.length; j++) {
        weights[j] = (float) (exact[j] / sum);
      }
      return weights;
    }

    /** One row of pixels, scaled. */
    void row(byte[] source, int at, float[] out, int to) {
      for (int i = 0; i < first.length; i++) {
        float red = 0;
        float green = 0;
        float blue = 0;
        int from = at + first[i] * 3;
        for (float weight : weights[i]) {
          red += weight * (source[from] & 0xFF);
          green += weight * (source[from + 1] & 0xFF);
          blue += weight * (source[from + 2] & 0xFF);
          from += 3;
        }
        out[to + i * 3] = red;
        out[to + i * 3 + 1] = green;
        out[to + i * 3 + 2] = blue;
      }
    }

    /** Row {@code i} of the result: a weighted sum of rows, the first of which is {@code top}. */
    void rows(int i, float[] source, int top, float[] sums) {
      Arrays.fill(sums, 0);
      for (int j = 0; j < weights[i].length; j++) {
        float weight = weights[i][j];
        int from = (first[i] + j - top) * sums.length;
        for (int x = 0; x < sums.length; x++) {
          sums[x] += weight * source[from + x];
        }
      }
    }
  }
}
