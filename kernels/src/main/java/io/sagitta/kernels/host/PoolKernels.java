package io.sagitta.kernels.host;

import io.sagitta.kernels.Pool2dGeometry;
import java.nio.FloatBuffer;

/** Mean pooling, a pixel's channels at a time; the rows of an image are the units of work. */
final class PoolKernels {
  /** Elements read in a part. */
  private static final int PART = 16384;

  private PoolKernels() {}

  static void average(Pool2dGeometry g, HostBuffer x, HostBuffer y) {
    FloatBuffer source = x.floats();
    FloatBuffer target = y.writeFloats();
    Parallel.ranges(g.batch() * g.outHeight(), grain(g), 1, (from, to) -> {
      Window window = new Window(source, g.height(), g.width(), g);
      for (int row = from; row < to; row++) {
        int top = row % g.outHeight() * g.stride() - g.padding();
        for (int column = 0; column < g.outWidth(); column++) {
          int left = column * g.stride() - g.padding();
          window.sum(
              row / g.outHeight(), top, top + g.window(), left, left + g.window(), target,
              (row * g.outWidth() + column) * g.channels());
        }
      }
    });
  }

  /** Every input pixel takes its share from the windows that it lies in. */
  static void averageGrad(Pool2dGeometry g, HostBuffer gradY, HostBuffer gradX) {
    FloatBuffer source = gradY.floats();
    FloatBuffer target = gradX.writeFloats();
    int grain = Math.max(1, PART / (g.width() * g.channels()));
    Parallel.ranges(g.batch() * g.height(), grain, 1, (from, to) -> {
      Window window = new Window(source, g.outHeight(), g.outWidth(), g);
      for (int row = from; row < to; row++) {
        int i = row % g.height() + g.padding();
        for (int column = 0; column < g.width(); column++) {
          int j = column + g.padding();
          window.sum(
              row / g.height(), firstWindow(g, i), i / g.stride() + 1, firstWindow(g, j),
              j / g.stride() + 1, target, (row * g.width() + column) * g.channels());
        }
      }
    });
  }

  /** The first window along an axis that reaches a padded position. */
  private static int firstWindow(Pool2dGeometry g, int position) {
    return Math.max(0, position - g.window() + g.stride()) / g.stride();
  }

  private static int grain(Pool2dGeometry g) {
    long row = (long) g.outWidth() * g.channels() * g.window() * g.window();
    return (int) Math.max(1, PART / row);
  }

  /** Sums of rectangles of pixels, divided by the size of a window. */
  private static final class Window {
    private final FloatBuffer source;
    private final int height;
    private final int width;
    private final int channels;
    private final float share;
    private final Stage stage = Stage.get();

    Window(FloatBuffer source, int height, int width, Pool2dGeometry g) {
      this.source = source;
      this.height = height;
      this.width = width;
      this.channels = g.channels();
      this.share = 1f / (g.window() * g.window());
    }

    /** Rows top to bottom − 1 and columns left to right − 1, as far as they are in the image. */
    void sum(
        int image, int top, int bottom, int left, int right, FloatBuffer target, int start) {
      float[] sums = stage.zeros(0, channels);
      float[] values = stage.floats(1, channels);
      for (int i = Math.max(0, top); i < Math.min(height, bottom); i++) {
        for (int j = Math.max(0, left); j < Math.min(width, right); j++) {
          source.get(((image * height + i) * width + j) * channels, values, 0, channels);
          Loops.add(sums, values, channels);
        }
      }
      Loops.affine(sums, share, 0, channels);
      target.put(start, sums, 0, channels);
    }
  }
}
