package io.sagitta.nn.data;

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
    for (int x = 0; x < side * 3; x++) {
      down.column(scaled, x - top * side * 3, side * 3, out, x);
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

    void row(byte[] source, int at, float[] out, int to) {
      for (int i = 0; i < first.length; i++) {
        for (int c = 0; c < 3; c++) {
          float sum = 0;
          for (int j = 0; j < weights[i].length; j++) {
            sum += weights[i][j] * (source[at + (first[i] + j) * 3 + c] & 0xFF);
          }
          out[to + i * 3 + c] = sum;
        }
      }
    }

    void column(float[] source, int at, int stride, byte[] out, int to) {
      for (int i = 0; i < first.length; i++) {
        float sum = 0;
        for (int j = 0; j < weights[i].length; j++) {
          sum += weights[i][j] * source[at + (first[i] + j) * stride];
        }
        out[to + i * stride] = (byte) Math.min(255, Math.round(sum));
      }
    }
  }
}
