package io.sagitta.kernels.host;

import io.sagitta.kernels.Conv2dGeometry;
import java.nio.FloatBuffer;
import java.util.Arrays;

/**
 * The weight gradient of a convolution in plain Java. Each part owns one place of the kernel and a
 * block of input channels, and goes through all output pixels in order, so nothing is shared and
 * the order of additions is fixed.
 */
final class JavaWeightGradient {
  /** Input channels of a part. */
  private static final int CHANNELS = 64;

  /** Pixels summed before the sum joins the total, which keeps rounding errors small. */
  private static final int FLUSH = 512;

  private final Conv2dGeometry g;
  private final FloatBuffer x;
  private final FloatBuffer gradY;
  private final float[] result;

  private JavaWeightGradient(Conv2dGeometry g, FloatBuffer x, FloatBuffer gradY) {
    this.g = g;
    this.x = x;
    this.gradY = gradY;
    this.result = new float[Math.toIntExact(g.weightElements())];
  }

  static void compute(Conv2dGeometry g, HostBuffer x, HostBuffer gradY, HostBuffer gradW) {
    JavaWeightGradient gradient = new JavaWeightGradient(g, x.floats(), gradY.floats());
    int area = g.kernelHeight() * g.kernelWidth();
    int blocks = (g.groupInChannels() - 1) / CHANNELS + 1;
    Parallel.run(
        g.groups() * area * blocks,
        part -> gradient.part(part / blocks / area, part / blocks % area, part % blocks));
    gradW.writeFloats().put(0, gradient.result);
  }

  /** The gradient at kernel place {@code tap} for one block of input channels of a group. */
  private void part(int group, int tap, int block) {
    Stage stage = Stage.get();
    int out = g.groupOutChannels();
    int in = Math.min(CHANNELS, g.groupInChannels() - block * CHANNELS);
    int most = FLUSH + g.outWidth();
    float[][] total = stage.rows(0, CHANNELS, out);
    float[][] partial = stage.rows(1, CHANNELS, out);
    float[][] gradients = stage.rows(2, most, out);
    float[] inputs = stage.floats(0, most * in);
    for (int i = 0; i < in; i++) {
      Arrays.fill(total[i], 0, out, 0);
    }
    int pixels = 0;
    int lines = g.batch() * g.outHeight();
    for (int line = 0; line < lines; line++) {
      pixels = load(line, group, tap, block * CHANNELS, in, inputs, gradients, pixels);
      if (pixels >= FLUSH || line == lines - 1) {
        for (int i = 0; i < in; i++) {
          Arrays.fill(partial[i], 0, out, 0);
        }
        MatrixKernel.multiplyAdd(inputs, 1, in, gradients, partial, in, out, pixels);
        for (int i = 0; i < in; i++) {
          Loops.add(total[i], partial[i], out);
        }
        pixels = 0;
      }
    }
    store(total, group, tap, block * CHANNELS, in);
  }

  /** Adds a line of output pixels, and the input pixels that the tap pairs them with. */
  private int load(
      int line, int group, int tap, int channel, int in, float[] inputs, float[][] gradients,
      int pixels) {
    int out = g.groupOutChannels();
    int row = line % g.outHeight() * g.stride() - g.padding() + tap / g.kernelWidth();
    if (row < 0 || row >= g.height()) {
      return pixels;
    }
    int rowStart = (line / g.outHeight() * g.height() + row) * g.width();
    for (int j = 0; j < g.outWidth(); j++) {
      int column = j * g.stride() - g.padding() + tap % g.kernelWidth();
      if (column >= 0 && column < g.width()) {
        int from = (rowStart + column) * g.inChannels() + group * g.groupInChannels() + channel;
        x.get(from, inputs, pixels * in, in);
        int pixel = line * g.outWidth() + j;
        gradY.get(pixel * g.outChannels() + group * out, gradients[pixels], 0, out);
        pixels++;
      }
    }
    return pixels;
  }

  private void store(float[][] total, int group, int tap, int channel, int in) {
    int area = g.kernelHeight() * g.kernelWidth();
    int out = g.groupOutChannels();
    for (int o = 0; o < out; o++) {
      for (int i = 0; i < in; i++) {
        int place = ((group * out + o) * g.groupInChannels() + channel + i) * area + tap;
        result[place] = total[i][o];
      }
    }
  }
}
