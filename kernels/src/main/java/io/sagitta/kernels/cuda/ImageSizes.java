package io.sagitta.kernels.cuda;

import io.sagitta.kernels.Conv2dGeometry;
import java.util.Arrays;

/**
 * A correlation as the kernels of image.cuh take it: a product of (pixels) × (taps, channels) and
 * (taps, channels) × (outputs) for each group.
 *
 * @param struct the members of {@code ImageSizes} there, in order
 * @param pixels rows of the product
 * @param outputs columns of the product
 * @param depth terms of the product
 * @param weightsBefore elements of packed weights before this correlation's
 */
record ImageSizes(int[] struct, int pixels, int outputs, int depth, long weightsBefore) {
  /** Rows and columns are kept in 16 bits, padding included. */
  private static final int LARGEST_SIDE = Short.MAX_VALUE;

  /** Leaves room to count beyond the last pixel. */
  private static final int MOST_PIXELS = Integer.MAX_VALUE - (1 << 16);

  /** The part of a correlation along one axis. */
  private record Axis(int pixels, int taps, int start, int outStart) {}

  /** x ⋆ w. */
  static ImageSizes forward(Conv2dGeometry g) {
    check(g);
    Axis rows = new Axis(g.outHeight(), g.kernelHeight(), -g.padding(), 0);
    Axis columns = new Axis(g.outWidth(), g.kernelWidth(), -g.padding(), 0);
    return of(
        g.batch(), rows, columns, g.stride(), 1, 1,
        new int[] {g.height(), g.width(), g.inChannels(), g.groupInChannels()},
        new int[] {g.outHeight(), g.outWidth(), g.outChannels(), g.groupOutChannels()}, 0);
  }

  /**
   * The adjoint in x: one correlation of gradY for each pair of remainders of the taps by the
   * stride. Those without pixels are left out; those without taps make zeros.
   */
  static ImageSizes[] gradInput(Conv2dGeometry g) {
    check(g);
    int stride = g.stride();
    ImageSizes[] all = new ImageSizes[stride * stride];
    int count = 0;
    long taps = 0;
    long weightsOfTap = (long) g.inChannels() * g.groupOutChannels();
    for (int i = 0; i < stride; i++) {
      Axis rows = phase(g.height(), g.kernelHeight(), g.padding(), stride, i);
      for (int j = 0; j < stride; j++) {
        Axis columns = phase(g.width(), g.kernelWidth(), g.padding(), stride, j);
        if (rows.pixels > 0 && columns.pixels > 0) {
          all[count++] =
              of(
                  g.batch(), rows, columns, 1, -1, stride,
                  new int[] {g.outHeight(), g.outWidth(), g.outChannels(), g.groupOutChannels()},
                  new int[] {g.height(), g.width(), g.inChannels(), g.groupInChannels()},
                  taps * weightsOfTap);
        }
        taps += (long) rows.taps * columns.taps;
      }
    }
    return Arrays.copyOf(all, count);
  }

  /** The pixels that meet taps {@code first}, {@code first + stride}… along one axis. */
  private static Axis phase(int size, int kernel, int padding, int stride, int first) {
    int outStart = Math.floorMod(first - padding, stride);
    int pixels = outStart < size ? (size - 1 - outStart) / stride + 1 : 0;
    int taps = first < kernel ? (kernel - 1 - first) / stride + 1 : 0;
    return new Axis(pixels, taps, (outStart + padding - first) / stride, outStart);
  }

  /**
   * @param from height, width, channels and channels of a group of the image that is read
   * @param to the same of the image that is written
   */
  private static ImageSizes of(
      int batch, Axis rows, Axis columns, int step, int tapStep, int outStep, int[] from, int[] to,
      long weightsBefore) {
    int grid = Math.multiplyExact(rows.pixels, columns.pixels);
    int pixels = count(batch, grid);
    count(batch, Math.multiplyExact(from[0], from[1]));
    int depth = Math.multiplyExact(Math.multiplyExact(rows.taps, columns.taps), from[3]);
    int[] struct = new int[28];
    struct[0] = pixels;
    divisor(grid, struct, 1);
    divisor(columns.pixels, struct, 4);
    System.arraycopy(from, 0, struct, 7, 3);
    divisor(from[3], struct, 10);
    struct[13] = depth;
    divisor(Math.max(1, columns.taps), struct, 14);
    int[] rest = {
      step, rows.start, columns.start, tapStep, to[3], to[0], to[1], to[2], outStep, rows.outStart,
      columns.outStart
    };
    System.arraycopy(rest, 0, struct, 17, rest.length);
    return new ImageSizes(struct, pixels, to[3], depth, weightsBefore);
  }

  /** {@code Divisor} of tile.cuh: multiplication by 2^(31 + ⌈log₂ d⌉)/d, rounded up. */
  private static void divisor(int d, int[] struct, int at) {
    int log = 32 - Integer.numberOfLeadingZeros(d - 1);
    struct[at] = d;
    if (d > 1) {
      struct[at + 1] = (int) (((1L << (31 + log)) + d - 1) / d);
      struct[at + 2] = log - 1;
    }
  }

  private static int count(int batch, int pixels) {
    long count = (long) batch * pixels;
    if (count > MOST_PIXELS) {
      throw new IllegalArgumentException(
          "conv2d: expected at most " + MOST_PIXELS + " pixels in a batch, got " + count);
    }
    return (int) count;
  }

  private static void check(Conv2dGeometry g) {
    int side = Math.max(g.height(), g.width()) + 2 * g.padding();
    if (side > LARGEST_SIDE) {
      throw new IllegalArgumentException(
          "conv2d: expected padded images of at most " + LARGEST_SIDE + " rows and columns, got "
              + side);
    }
  }
}
