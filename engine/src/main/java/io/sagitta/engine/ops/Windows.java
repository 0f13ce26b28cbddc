package io.sagitta.engine.ops;

import io.sagitta.engine.DenseTensor;
import io.sagitta.engine.Shape;
import io.sagitta.engine.Tensor;
import io.sagitta.kernels.Backend;
import io.sagitta.kernels.Conv2dGeometry;

/**
 * The windows of images that a convolution multiplies its weights with, side by side, padding as
 * zeros: [n, H′·W′, R·S·C].
 */
record Windows(Conv2dGeometry g) {
  Windows {
    if (g.groups() != 1) {
      throw new IllegalArgumentException(
          "no per-sample rule for op 'conv2d' with " + g.groups() + " groups, expected 1");
    }
  }

  /** Windows of an image. */
  int count() {
    return g.outHeight() * g.outWidth();
  }

  /** Elements of a window. */
  int elements() {
    return g.kernelHeight() * g.kernelWidth() * g.inChannels();
  }

  /**
   * Where the windows of so many images have room, padding already in it; null where windows and
   * images are the same numbers.
   */
  DenseTensor room(Backend backend, int images) {
    boolean same =
        g.kernelHeight() == 1 && g.kernelWidth() == 1 && g.stride() == 1 && g.padding() == 0;
    return same ? null : Tensor.zeros(backend, Shape.of(images, count(), elements()));
  }

  /**
   * Those of {@code count} images from {@code from} on.
   *
   * @param room what {@link #room} gave; they are in it until it is used again
   */
  DenseTensor of(DenseTensor x, int from, int count, DenseTensor room) {
    long image = (long) g.height() * g.width() * g.inChannels();
    Shape shape = Shape.of(count, count(), elements());
    if (room == null) {
      return x.view(from * image, shape);
    }
    int inner = first(0);
    int outer = end(g.kernelWidth() - 1, g.width(), g.outWidth());
    for (int r = 0; r < g.kernelHeight(); r++) {
      // Where a window's row lies inside the image, its pixels are neighbours.
      copy(x, from * image, count, r, 0, inner, outer, g.kernelWidth(), room);
      for (int s = 0; s < g.kernelWidth(); s++) {
        int last = end(s, g.width(), g.outWidth());
        copy(x, from * image, count, r, s, first(s), Math.min(inner, last), 1, room);
        copy(x, from * image, count, r, s, Math.max(inner, outer), last, 1, room);
      }
    }
    return room.view(0, shape);
  }

  /**
   * Some neighbouring pixels of some columns of windows, those that lie inside the image.
   *
   * @param r row in the windows
   * @param s the first pixel's column in the windows
   * @param left the first column of windows
   * @param right the column after the last
   * @param pixels how many neighbours
   */
  private void copy(
      DenseTensor x, long offset, int count, int r, int s, int left, int right, int pixels,
      DenseTensor windows) {
    int top = first(r);
    int rows = end(r, g.height(), g.outHeight()) - top;
    if (rows <= 0 || right <= left) {
      return;
    }
    long channels = g.inChannels();
    long row = g.width() * channels;
    long y = (long) top * g.stride() + r - g.padding();
    long z = (long) left * g.stride() + s - g.padding();
    long window = elements();
    x.backend().copy(
        x.buffer(), offset + y * row + z * channels,
        new long[] {g.height() * row, g.stride() * row, g.stride() * channels, 1},
        windows.buffer(),
        ((long) top * g.outWidth() + left) * window + ((long) r * g.kernelWidth() + s) * channels,
        new long[] {count() * window, g.outWidth() * window, window, 1},
        new long[] {count, rows, right - left, pixels * channels});
  }

  /** The first window whose place {@code at} lies inside the image. */
  private int first(int at) {
    return Math.max(0, Math.floorDiv(g.padding() - at + g.stride() - 1, g.stride()));
  }

  /** The window after the last whose place {@code at} lies inside the image. */
  private int end(int at, int size, int windows) {
    return Math.min(windows, Math.floorDiv(size - 1 + g.padding() - at, g.stride()) + 1);
  }
}
