package io.sagitta.kernels.host;

import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_WEIGHTS;
import static org.bytedeco.dnnl.global.dnnl.dnnl_convolution_direct;
import static org.bytedeco.dnnl.global.dnnl.dnnl_convolution_forward_primitive_desc_create;
import static org.bytedeco.dnnl.global.dnnl.dnnl_f32;
import static org.bytedeco.dnnl.global.dnnl.dnnl_forward_training;
import static org.bytedeco.dnnl.global.dnnl.dnnl_memory_desc_get_size;
import static org.bytedeco.dnnl.global.dnnl.dnnl_ndhwc;

import io.sagitta.kernels.Conv2dGeometry;
import io.sagitta.kernels.DType;
import io.sagitta.kernels.Precision;
import org.bytedeco.dnnl.dnnl_memory_desc;
import org.bytedeco.dnnl.dnnl_primitive_desc;

/**
 * The adjoint of the convolution in its weights, as a forward convolution: {@code gradW[o, i, k, l]
 * = Σ x[n, s·h + k − p, s·w + l − p, i]·gradY[n, h, w, o]} slides gradY over x. The batch takes
 * the place of the channels, input channels that of the rows' pixels, and the stride becomes a
 * dilation: x is one image of height × width × inChannels with {@code batch} channels, gradY a
 * kernel of outHeight × outWidth × 1, gradW an image of kernelHeight × kernelWidth × inChannels
 * with {@code outChannels} channels. Shares are runs of 64 input channels, so nothing is added up
 * between threads.
 */
final class DnnlWeightCorrelation implements DnnlOperation {
  private static final int SHORT_ROW_FP32 = 7;
  private static final int SHORT_ROW_BF16 = 8;
  private static final int ENOUGH_IMAGES = 16;

  /** Input channels of a share. */
  private static final int CHANNELS = 64;

  private static final int X = 0;
  private static final int GRAD_Y = 1;
  private static final int GRAD_W = 2;

  private final Conv2dGeometry g;

  /** Of x and gradY as they are stored. */
  private final DType stored;

  /** From x (argument 0) to the turned channels of a share (argument 1). */
  private final DnnlPlan turn;

  private final long turnedBytes;

  /** How gradY becomes a kernel. */
  private final DnnlPacking kernel;

  /** From a share's channels (argument 0) and the kernel (argument 1) to gradW (argument 2). */
  private final DnnlPlan correlate;

  DnnlWeightCorrelation(Dnnl library, Precision precision, DType images, Conv2dGeometry g) {
    this.g = g;
    this.stored = images;
    int type = Dnnl.elementType(precision);
    long image = (long) g.height() * g.width() * g.inChannels();
    long row = (long) g.width() * g.inChannels();
    long[] xSizes = {1, g.batch(), g.height(), g.width(), CHANNELS};
    try (DnnlPlanBuilder b = new DnnlPlanBuilder(library);
        DnnlPlanBuilder turning = new DnnlPlanBuilder(library)) {
      dnnl_memory_desc x = b.tagged(type, dnnl_ndhwc, xSizes);
      dnnl_memory_desc callersX =
          b.strided(
              Dnnl.elementType(stored), xSizes,
              new long[] {image * g.batch(), image, row, g.inChannels(), 1});
      turning.reorder(0, callersX, 1, x, false);
      turn = turning.build();
      turnedBytes = dnnl_memory_desc_get_size(x);
      dnnl_memory_desc w = gradW(b, true);
      dnnl_primitive_desc convolution = new dnnl_primitive_desc();
      Dnnl.check(
          dnnl_convolution_forward_primitive_desc_create(
              convolution, b.engine(), dnnl_forward_training, dnnl_convolution_direct, x,
              b.any(type, kernelSizes()), null, w, new long[] {1, 1, 1},
              new long[] {g.stride() - 1, g.stride() - 1, 0},
              new long[] {g.padding(), g.padding(), 0},
              new long[] {
                rest(g.height(), g.kernelHeight(), g), rest(g.width(), g.kernelWidth(), g), 0
              },
              b.plain()),
          "conv2dGradWeight " + g);
      b.own(convolution);
      int sum = b.temporary(w);
      b.step(
          convolution, new int[] {DNNL_ARG_SRC, DNNL_ARG_WEIGHTS, DNNL_ARG_DST},
          new int[] {0, 1, sum});
      b.reorder(sum, w, GRAD_W, gradW(b, false), false);
      correlate = b.build();
      kernel =
          DnnlPacking.of(
              library, callersKernel(b), DnnlPlanBuilder.wanted(convolution, DNNL_ARG_WEIGHTS));
    }
  }

  /**
   * Whether this is the faster way. Measured on one core of a Xeon with AMX, 64 images, 3×3
   * kernels, copies included, milliseconds of oneDNN's own primitive and of this: fp32, 512
   * channels of 2×2 28 and 6, of 4×4 39 and 23, of 7×7 84 and 75; 256 channels of 8×8 to 512 of 4×4
   * 24 and 15; but 256 channels of 8×8 26.9 and 27.6; bf16, 512 channels of 4×4 36 and 7; 256
   * channels of 8×8 13 and 6; but 128 channels of 16×16 6.6 and 10.
   */
  static boolean suits(Precision precision, Conv2dGeometry g) {
    int shortRow = precision == Precision.BF16 ? SHORT_ROW_BF16 : SHORT_ROW_FP32;
    boolean small = g.outHeight() <= shortRow && g.outWidth() <= shortRow;
    boolean spatial = g.kernelHeight() > 1 && g.kernelWidth() > 1;
    boolean covered =
        rest(g.height(), g.kernelHeight(), g) >= 0 && rest(g.width(), g.kernelWidth(), g) >= 0;
    return small && spatial && covered && g.groups() == 1 && g.inChannels() % CHANNELS == 0
        && g.batch() >= ENOUGH_IMAGES;
  }

  /** Zeros that the correlation needs after the last row (or column) of x. */
  private static int rest(int size, int kernel, Conv2dGeometry g) {
    int places = (size + 2 * g.padding() - kernel) / g.stride() + 1;
    return kernel + (places - 1) * g.stride() - size - g.padding();
  }

  /** A share of gradW: as the primitive makes it, or where it lies in the caller's. */
  private dnnl_memory_desc gradW(DnnlPlanBuilder b, boolean turned) {
    long[] sizes = {1, g.outChannels(), g.kernelHeight(), g.kernelWidth(), CHANNELS};
    long plane = (long) g.kernelHeight() * g.kernelWidth();
    long filter = plane * g.inChannels();
    return turned
        ? b.tagged(dnnl_f32, dnnl_ndhwc, sizes)
        : b.strided(
            dnnl_f32, sizes,
            new long[] {filter * g.outChannels(), filter, g.kernelWidth(), 1, plane});
  }

  private long[] kernelSizes() {
    return new long[] {g.outChannels(), g.batch(), g.outHeight(), g.outWidth(), 1};
  }

  private dnnl_memory_desc callersKernel(DnnlPlanBuilder b) {
    long row = (long) g.outWidth() * g.outChannels();
    return b.strided(
        Dnnl.elementType(stored), kernelSizes(),
        new long[] {1, row * g.outHeight(), row, g.outChannels(), g.outChannels()});
  }

  @Override
  public void run(HostMemory memory, HostBuffer weights, long... arguments) {
    int shares = g.inChannels() / CHANNELS;
    long channelBytes = (long) stored.bytes() * CHANNELS;
    long planeBytes = (long) Float.BYTES * CHANNELS * g.kernelHeight() * g.kernelWidth();
    HostMemory.Block turned = memory.take(turnedBytes * shares);
    HostMemory.Block packed = memory.take(kernel.bytes());
    try {
      long x = DnnlAddress.of(turned);
      long gradY = DnnlAddress.of(packed);
      Parallel.run(
          shares + 1,
          i -> {
            if (i == 0) {
              kernel.plan().run(memory, arguments[GRAD_Y], gradY);
            } else {
              turn.run(
                  memory, arguments[X] + (i - 1) * channelBytes, x + (i - 1) * turnedBytes);
            }
          });
      Parallel.run(
          shares,
          i ->
              correlate.run(
                  memory, x + i * turnedBytes, gradY, arguments[GRAD_W] + i * planeBytes));
    } finally {
      memory.give(turned);
      memory.give(packed);
    }
  }

  @Override
  public void close() {
    turn.close();
    correlate.close();
    kernel.close();
  }
}
