package io.sagitta.kernels.host;

import io.sagitta.kernels.Conv2dGeometry;
import java.nio.FloatBuffer;
import java.util.Arrays;

/**
 * The forward convolution and its input gradient in plain Java, as one gather: every result pixel
 * sees a window of the source image, laid out as a row of terms, times the weights. The input
 * gradient is the same over the output gradient spread {@code stride} apart, with the kernel turned
 * by half a circle.
 */
final class JavaConvolution {
  /** Result pixels multiplied at once. */
  private static final int PIXELS = 32;

  /** Products in a part. */
  private static final long PART = 1 << 18;

  private JavaConvolution() {}

  static void forward(
      Conv2dGeometry g, HostBuffer x, HostBuffer w, HostBuffer bias, HostBuffer residual,
      boolean relu, HostBuffer y) {
    Gather gather =
        new Gather(
            x.floats(), g.height(), g.width(), g.inChannels(), g.kernelHeight(), g.kernelWidth(),
            g.stride(), g.padding(), g.padding(), 1, g.outHeight(), g.outWidth(), g.groups());
    Epilogue epilogue =
        new Epilogue(
            bias == null ? null : bias.floats(), residual == null ? null : residual.floats(), relu);
    float[] weights = heap(w);
    int pixels = g.batch() * g.outHeight() * g.outWidth();
    for (int group = 0; group < g.groups(); group++) {
      float[][] packed = forwardWeights(g, weights, group);
      multiply(gather, group, packed, g.groupOutChannels(), pixels, epilogue, y.writeFloats(),
          g.outChannels());
    }
  }

  static void gradInput(Conv2dGeometry g, HostBuffer w, HostBuffer gradY, HostBuffer gradX) {
    Gather gather =
        new Gather(
            gradY.floats(), g.outHeight(), g.outWidth(), g.outChannels(), g.kernelHeight(),
            g.kernelWidth(), 1, g.kernelHeight() - 1 - g.padding(),
            g.kernelWidth() - 1 - g.padding(), g.stride(), g.height(), g.width(), g.groups());
    Epilogue nothing = new Epilogue(null, null, false);
    float[] weights = heap(w);
    int pixels = g.batch() * g.height() * g.width();
    for (int group = 0; group < g.groups(); group++) {
      float[][] packed = turnedWeights(g, weights, group);
      multiply(gather, group, packed, g.groupInChannels(), pixels, nothing, gradX.writeFloats(),
          g.inChannels());
    }
  }

  private static void multiply(
      Gather gather, int group, float[][] weights, int columns, int pixels, Epilogue epilogue,
      FloatBuffer target, int channels) {
    int terms = weights.length;
    int blocks = (pixels - 1) / PIXELS + 1;
    int grain = (int) Math.max(1, PART / ((long) PIXELS * terms * columns));
    Parallel.ranges(blocks, grain, 1, (from, to) -> {
      Stage stage = Stage.get();
      float[] windows = stage.floats(0, PIXELS * terms);
      float[][] results = stage.rows(0, PIXELS, columns);
      for (int block = from; block < to; block++) {
        int first = block * PIXELS;
        int count = Math.min(PIXELS, pixels - first);
        for (int i = 0; i < count; i++) {
          gather.window(first + i, group, windows, i * terms);
          Arrays.fill(results[i], 0, columns, 0);
        }
        MatrixKernel.multiplyAdd(windows, terms, 1, weights, results, count, columns, terms);
        for (int i = 0; i < count; i++) {
          int start = (first + i) * channels + group * columns;
          epilogue.apply(stage, results[i], group * columns, start, columns);
          target.put(start, results[i], 0, columns);
        }
      }
    });
  }

  /** [kernelHeight · kernelWidth · in, out] of one group. */
  private static float[][] forwardWeights(Conv2dGeometry g, float[] w, int group) {
    int area = g.kernelHeight() * g.kernelWidth();
    int in = g.groupInChannels();
    int out = g.groupOutChannels();
    float[][] packed = new float[area * in][out];
    for (int o = 0; o < out; o++) {
      for (int i = 0; i < in; i++) {
        int start = ((group * out + o) * in + i) * area;
        for (int k = 0; k < area; k++) {
          packed[k * in + i][o] = w[start + k];
        }
      }
    }
    return packed;
  }

  /** [kernelHeight · kernelWidth · out, in] of one group, the kernel turned by half a circle. */
  private static float[][] turnedWeights(Conv2dGeometry g, float[] w, int group) {
    int area = g.kernelHeight() * g.kernelWidth();
    int in = g.groupInChannels();
    int out = g.groupOutChannels();
    float[][] packed = new float[area * out][in];
    for (int o = 0; o < out; o++) {
      for (int i = 0; i < in; i++) {
        int start = ((group * out + o) * in + i) * area;
        for (int k = 0; k < area; k++) {
          packed[(area - 1 - k) * out + o][i] = w[start + k];
        }
      }
    }
    return packed;
  }

  private static float[] heap(HostBuffer buffer) {
    float[] values = new float[Math.toIntExact(buffer.elements())];
    buffer.floats().get(0, values);
    return values;
  }

  /** What happens to a result before it is stored. */
  private record Epilogue(FloatBuffer bias, FloatBuffer residual, boolean relu) {

    /** A run of {@code n} channels from {@code channel} on, stored from {@code start} on. */
    void apply(Stage stage, float[] values, int channel, int start, int n) {
      float[] added = stage.floats(1, n);
      if (bias != null) {
        bias.get(channel, added, 0, n);
        Loops.add(values, added, n);
      }
      if (residual != null) {
        residual.get(start, added, 0, n);
        Loops.add(values, added, n);
      }
      if (relu) {
        Loops.relu(values, n);
      }
    }
  }

  /**
   * Lays windows of an image batch out as rows of [kernelHeight, kernelWidth, channels / groups].
   *
   * @param stride window rows and columns between results
   * @param top rows of the first window above the image
   * @param left columns of the first window before the image
   * @param spread window rows and columns between neighbouring pixels; zeros lie between
   */
  private record Gather(
      FloatBuffer source, int height, int width, int channels, int kernelHeight, int kernelWidth,
      int stride, int top, int left, int spread, int resultHeight, int resultWidth, int groups) {

    void window(int pixel, int group, float[] target, int at) {
      int image = pixel / resultWidth / resultHeight;
      int firstRow = pixel / resultWidth % resultHeight * stride - top;
      int firstColumn = pixel % resultWidth * stride - left;
      int line = kernelWidth * (channels / groups);
      for (int k = 0; k < kernelHeight; k++) {
        int row = firstRow + k;
        if (row < 0 || row % spread != 0 || row / spread >= height) {
          Arrays.fill(target, at, at + line, 0);
        } else if (spread == 1 && groups == 1) {
          run((image * height + row) * width, firstColumn, target, at);
        } else {
          scattered((image * height + row / spread) * width, firstColumn, group, target, at);
        }
        at += line;
      }
    }

    /** One row of a window whose pixels lie one after the other. */
    private void run(int rowStart, int column, float[] target, int at) {
      int from = Math.min(kernelWidth, Math.max(0, -column));
      int to = Math.max(from, Math.min(kernelWidth, width - column));
      Arrays.fill(target, at, at + from * channels, 0);
      if (to > from) {
        source.get(
            (rowStart + column + from) * channels, target, at + from * channels,
            (to - from) * channels);
      }
      Arrays.fill(target, at + to * channels, at + kernelWidth * channels, 0);
    }

    private void scattered(int rowStart, int firstColumn, int group, float[] target, int at) {
      int segment = channels / groups;
      for (int k = 0; k < kernelWidth; k++) {
        int column = firstColumn + k;
        if (column < 0 || column % spread != 0 || column / spread >= width) {
          Arrays.fill(target, at, at + segment, 0);
        } else {
          int pixel = rowStart + column / spread;
          source.get(pixel * channels + group * segment, target, at, segment);
        }
        at += segment;
      }
    }
  }
}
