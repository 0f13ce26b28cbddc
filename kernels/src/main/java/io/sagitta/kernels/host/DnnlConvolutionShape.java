package io.sagitta.kernels.host;

import static org.bytedeco.dnnl.global.dnnl.dnnl_ndhwc;
import static org.bytedeco.dnnl.global.dnnl.dnnl_nhwc;

import io.sagitta.kernels.Conv2dGeometry;
import java.util.Arrays;
import org.bytedeco.dnnl.dnnl_memory_desc;

/**
 * A convolution as oneDNN is told of it.
 *
 * <p>oneDNN multiplies one row of pixels at a time, so short rows leave its registers empty, and it
 * computes the padding around small images with the rest. Where {@code batchInnermost}, images are
 * given as one three-dimensional image of height × width × batch and the kernel as
 * kernelHeight × kernelWidth × 1: a row then holds the same pixel of every image, and padding is
 * skipped. Images are [height, width, batch, channels] in memory for this, and are copied to it.
 */
record DnnlConvolutionShape(Conv2dGeometry g, boolean batchInnermost) {
  /** Longer rows of results fill the registers themselves. */
  private static final int SHORT_ROW = 7;

  /** Images that make up for the copies. */
  private static final int ENOUGH_IMAGES = 8;

  /**
   * The faster way. Measured on one core of a Xeon with AMX, fp32, 64 images, 3×3 kernels, copies
   * included, milliseconds straight and batch innermost: 512 channels of 2×2 24 and 3.2, of 4×4 39
   * and 19, of 6×6 62 and 49, of 7×7 75 and 68; 256 channels of 8×8 to 512 of 4×4 21 and 12, of
   * 14×14 to 7×7 45 and 42; but 256 channels of 8×8 22.4 and 22.6.
   */
  static DnnlConvolutionShape of(Conv2dGeometry g) {
    boolean small = g.outHeight() <= SHORT_ROW && g.outWidth() <= SHORT_ROW;
    boolean spatial = g.kernelHeight() > 1 && g.kernelWidth() > 1;
    return new DnnlConvolutionShape(g, small && spatial && g.batch() >= ENOUGH_IMAGES);
  }

  long[] inputSizes() {
    return sizes(g.inChannels(), g.height(), g.width());
  }

  long[] outputSizes() {
    return sizes(g.outChannels(), g.outHeight(), g.outWidth());
  }

  private long[] sizes(long channels, long height, long width) {
    return batchInnermost
        ? new long[] {1, channels, height, width, g.batch()}
        : new long[] {g.batch(), channels, height, width};
  }

  /** Images of {@code sizes} as the primitive takes them. */
  dnnl_memory_desc images(DnnlPlanBuilder builder, int type, long[] sizes) {
    return builder.tagged(type, batchInnermost ? dnnl_ndhwc : dnnl_nhwc, sizes);
  }

  /** Images of {@code sizes} as the caller has them: [batch, height, width, channels]. */
  dnnl_memory_desc callersImages(DnnlPlanBuilder builder, int type, long[] sizes) {
    if (!batchInnermost) {
      return images(builder, type, sizes);
    }
    long row = sizes[3] * sizes[1];
    long image = sizes[2] * row;
    return builder.strided(
        type, sizes, new long[] {image * sizes[4], 1, row, sizes[1], image});
  }

  long[] weightSizes() {
    long[] grouped = {
      g.groups(), g.groupOutChannels(), g.groupInChannels(), g.kernelHeight(), g.kernelWidth(), 1
    };
    int from = g.groups() > 1 ? 0 : 1;
    return Arrays.copyOfRange(grouped, from, batchInnermost ? 6 : 5);
  }

  long[] strides() {
    return batchInnermost
        ? new long[] {g.stride(), g.stride(), 1}
        : new long[] {g.stride(), g.stride()};
  }

  /** oneDNN counts the zeros between kernel elements. */
  long[] dilations() {
    return new long[batchInnermost ? 3 : 2];
  }

  long[] padding() {
    return batchInnermost
        ? new long[] {g.padding(), g.padding(), 0}
        : new long[] {g.padding(), g.padding()};
  }

  /** Results, each of all output channels. */
  long pixels() {
    return (long) g.batch() * g.outHeight() * g.outWidth();
  }

  /** Multiplications and additions. */
  long operations() {
    return 2 * g.outputElements() * g.groupInChannels() * g.kernelHeight() * g.kernelWidth();
  }
}
