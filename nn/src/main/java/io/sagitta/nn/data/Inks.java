package io.sagitta.nn.data;

import java.awt.image.Raster;

/**
 * How a JPEG file of four components codes inks. They are stored inverted, as Adobe's programs do and
 * Pillow takes for granted, so 255 is none; and they are made RGB by Pillow's formula, without a colour
 * profile.
 */
enum Inks {
  /** Cyan, magenta, yellow and black. */
  CMYK,
  /** Luminance and chroma of the first three, as of RGB, and black. */
  YCCK;

  private static final int GREATEST = 255;
  private static final int CENTRE = 128;

  /**
   * RGB of components as stored.
   *
   * @param raster of four bands of bytes
   * @return unsigned, [height, width, 3]
   */
  byte[] rgb(Raster raster) {
    int width = raster.getWidth();
    byte[] rgb = new byte[Math.toIntExact(3L * width * raster.getHeight())];
    int[] row = new int[4 * width];
    int at = 0;
    for (int y = 0; y < raster.getHeight(); y++) {
      raster.getPixels(0, y, width, 1, row);
      for (int i = 0; i < row.length; i += 4) {
        if (this == YCCK) {
          toCmyk(row, i);
        }
        for (int c = 0; c < 3; c++) {
          rgb[at++] = (byte) light(row[i + c], row[i + 3]);
        }
      }
    }
    return rgb;
  }

  /** Luminance and chroma at {@code i} become what inks leave, in libjpeg's sixteen binary digits. */
  private static void toCmyk(int[] row, int i) {
    int luminance = row[i];
    int blue = row[i + 1] - CENTRE;
    int red = row[i + 2] - CENTRE;
    row[i] = inverted(luminance + (91_881 * red + 32_768 >> 16));
    row[i + 1] = inverted(luminance + (-22_554 * blue - 46_802 * red + 32_768 >> 16));
    row[i + 2] = inverted(luminance + (116_130 * blue + 32_768 >> 16));
  }

  private static int inverted(int value) {
    return Math.max(0, Math.min(GREATEST, GREATEST - value));
  }

  /** What is left of light by an ink and black, both inverted. */
  private static int light(int ink, int black) {
    return black - Math.round((GREATEST - ink) * black / (float) GREATEST);
  }
}
