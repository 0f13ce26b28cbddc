package io.sagitta.attack.target;

import io.sagitta.nn.data.ImageDataset;
import java.util.Arrays;

/** The order of a batch's axes. */
public enum ImageLayout {
  /** Channels first, as PyTorch has it. */
  NCHW,
  /** Channels last, as TensorFlow and Sagitta have it. */
  NHWC;

  /**
   * The layout of a declared shape.
   *
   * @param name of the target, for errors
   * @param shape negative where any extent will do
   * @throws TargetException if images do not fit into it
   */
  static ImageLayout of(String name, long[] shape, ImageDataset images) {
    for (ImageLayout layout : values()) {
      if (fits(shape, layout.shape(1, images))) {
        return layout;
      }
    }
    throw new TargetException(
        name + ": expected an input of images [N, " + images.channels() + ", " + images.height()
            + ", " + images.width() + "] or [N, " + images.height() + ", " + images.width() + ", "
            + images.channels() + "], as " + images.name() + " has them, found "
            + Arrays.toString(shape));
  }

  private static boolean fits(long[] declared, long[] actual) {
    if (declared.length != actual.length) {
      return false;
    }
    for (int i = 1; i < actual.length; i++) {
      if (declared[i] > 0 && declared[i] != actual[i]) {
        return false;
      }
    }
    return true;
  }

  /** The shape of some images. */
  public long[] shape(int count, ImageDataset images) {
    long h = images.height();
    long w = images.width();
    long c = images.channels();
    return this == NCHW ? new long[] {count, c, h, w} : new long[] {count, h, w, c};
  }

  /**
   * Some images in this layout.
   *
   * @param nhwc [count, pixels, channels], from element {@code from} on
   * @param rows how many the result has; those beyond count repeat the last image
   */
  public float[] arrange(
      float[] nhwc, int from, int count, int rows, int pixels, int channels) {
    int elements = pixels * channels;
    float[] arranged = new float[rows * elements];
    for (int row = 0; row < rows; row++) {
      int source = from + Math.min(row, count - 1) * elements;
      int target = row * elements;
      if (this == NHWC) {
        System.arraycopy(nhwc, source, arranged, target, elements);
        continue;
      }
      for (int pixel = 0; pixel < pixels; pixel++) {
        for (int c = 0; c < channels; c++) {
          arranged[target + c * pixels + pixel] = nhwc[source + pixel * channels + c];
        }
      }
    }
    return arranged;
  }
}
