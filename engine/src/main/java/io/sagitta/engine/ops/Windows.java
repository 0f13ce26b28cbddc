package io.sagitta.engine.ops;

import io.sagitta.engine.DenseTensor;
import io.sagitta.engine.Shape;
import io.sagitta.engine.Tensor;
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

  /** Those of {@code count} images from {@code from} on. */
  DenseTensor of(DenseTensor x, int from, int count) {
    long image = (long) g.height() * g.width() * g.inChannels();
    Shape shape = Shape.of(count, count(), elements());
    boolean same =
        g.kernelHeight() == 1 && g.kernelWidth() == 1 && g.stride() == 1 && g.padding() == 0;
    if (same) {
      return x.view(from * image, shape);
    }
    DenseTensor windows =
        g.padding() == 0
            ? DenseTensor.allocate(x.backend(), shape)
            : Tensor.zeros(x.backend(), shape);
    for (int r = 0; r < g.kernelHeight(); r++) {
      for (int s = 0; s < g.kernelWidth(); s++) {
        copy(x, from * image, count, r, s, windows);
      }
    }
    return windows;
  }

  /** The pixels at one place of every window, those that lie inside the image. */
  private void copy(DenseTensor x, long offset, int count, int r, int s, DenseTensor windows) {
    int top = first(r);
    int left = first(s);
    int rows = end(r, g.height(), g.outHeight()) - top;
    int columns = end(s, g.width(), g.outWidth()) - left;
    if (rows <= 0 || columns <= 0) {
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
        new long[] {count, rows, columns, channels});
  }

  /** The first window whose place {@code at} lies inside the image. */
  private int first(int at) {
    return Math.max(0, (g.padding() - at + g.stride() - 1) / g.stride());
  }

  /** The window after the last whose place {@code at} lies inside the image. */
  private int end(int at, int size, int windows) {
    return Math.min(windows, (size - 1 + g.padding() - at) / g.stride() + 1);
  }
}
