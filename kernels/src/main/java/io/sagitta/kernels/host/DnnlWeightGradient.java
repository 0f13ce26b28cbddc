package io.sagitta.kernels.host;

import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_WEIGHTS;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC;
import static org.bytedeco.dnnl.global.dnnl.dnnl_convolution_backward_weights_primitive_desc_create;
import static org.bytedeco.dnnl.global.dnnl.dnnl_convolution_direct;
import static org.bytedeco.dnnl.global.dnnl.dnnl_f32;
import static org.bytedeco.dnnl.global.dnnl.dnnl_memory_desc_get_size;

import io.sagitta.kernels.Conv2dGeometry;
import io.sagitta.kernels.DType;
import io.sagitta.kernels.Precision;
import java.util.HashMap;
import java.util.Map;
import org.bytedeco.dnnl.dnnl_memory_desc;
import org.bytedeco.dnnl.dnnl_primitive_desc;

/**
 * The adjoint of the convolution in its weights, by oneDNN's own primitive. Shares are runs of
 * images; each leaves a sum over its images in scratch memory, and these are added in order.
 */
final class DnnlWeightGradient implements DnnlOperation {
  /** Results of a share at least, so that it takes longer to make its sum than to add it. */
  private static final int PIXELS = 1024;

  /**
   * With fewer input channels, oneDNN 3.11 writes beyond its scratch memory where it gathers the
   * pixels under a 1×1 kernel's stride: it steps over them as if they had so many.
   */
  private static final int CHANNELS = 16;

  private final long imageBytes;
  private final long outputBytes;
  private final DnnlShares shares;
  private final Map<Integer, Part> parts = new HashMap<>();

  /**
   * A share of some number of images.
   *
   * @param sum from x (argument 0) and gradY (argument 1) to the share's sum (argument 2)
   * @param bytes length of the sum
   * @param put from a share's sum (argument 0) to the weight gradient (argument 1)
   * @param add the same, added to what is there
   */
  private record Part(DnnlPlan sum, long bytes, DnnlPlan put, DnnlPlan add) {}

  private DnnlWeightGradient(
      Dnnl library, Precision precision, DType images, Conv2dGeometry g) {
    imageBytes = (long) images.bytes() * g.height() * g.width() * g.inChannels();
    outputBytes = (long) images.bytes() * g.outHeight() * g.outWidth() * g.outChannels();
    DnnlConvolutionShape whole = new DnnlConvolutionShape(g, false);
    shares = library.shares(g.batch(), whole.operations(), whole.pixels() / PIXELS);
    for (int i = 0; i < shares.count(); i++) {
      parts.computeIfAbsent(
          shares.size(i),
          n -> part(library, precision, images, g.withBatch(n)));
    }
  }

  /** The faster operation for these sizes. Arguments: x, gradY, gradW. */
  static DnnlOperation build(
      Dnnl library, Precision precision, DType images, Conv2dGeometry g) {
    return DnnlWeightCorrelation.suits(precision, g)
        ? new DnnlWeightCorrelation(library, precision, images, g)
        : new DnnlWeightGradient(library, precision, images, g);
  }

  @Override
  public void run(HostMemory memory, HostBuffer weights, long... arguments) {
    HostMemory.Block[] sums = new HostMemory.Block[shares.count()];
    try {
      for (int i = 0; i < sums.length; i++) {
        sums[i] = memory.take(part(i).bytes);
      }
      Parallel.run(
          sums.length,
          i ->
              part(i).sum.run(
                  memory,
                  arguments[0] + shares.from(i) * imageBytes,
                  arguments[1] + shares.from(i) * outputBytes,
                  DnnlAddress.of(sums[i])));
      for (int i = 0; i < sums.length; i++) {
        DnnlPlan collect = i == 0 ? part(i).put : part(i).add;
        collect.run(memory, DnnlAddress.of(sums[i]), arguments[2]);
      }
    } finally {
      for (HostMemory.Block sum : sums) {
        if (sum != null) {
          memory.give(sum);
        }
      }
    }
  }

  private Part part(int share) {
    return parts.get(shares.size(share));
  }

  private static Part part(
      Dnnl library, Precision precision, DType images, Conv2dGeometry g) {
    int callersType = Dnnl.elementType(images);
    int type = Dnnl.elementType(precision);
    boolean gathers = gathers(g);
    DnnlConvolutionShape shape = new DnnlConvolutionShape(gathers ? gathered(g) : g, false);
    try (DnnlPlanBuilder b = new DnnlPlanBuilder(library)) {
      dnnl_memory_desc callersX =
          gathers
              ? underStride(b, callersType, g, shape)
              : shape.callersImages(b, callersType, shape.inputSizes());
      dnnl_memory_desc x = shape.images(b, type, shape.inputSizes());
      dnnl_memory_desc y = shape.images(b, type, shape.outputSizes());
      dnnl_primitive_desc convolution = new dnnl_primitive_desc();
      Dnnl.check(
          dnnl_convolution_backward_weights_primitive_desc_create(
              convolution, b.engine(), dnnl_convolution_direct, x,
              DnnlConvolution.weights(b, shape, dnnl_f32), null, y, shape.strides(),
              shape.dilations(), shape.padding(), shape.padding(),
              DnnlConvolution.hint(b, shape, type), b.plain()),
          "conv2dGradWeight " + shape);
      b.own(convolution);
      int xSlot = b.reordered(0, callersX, x);
      int ySlot = b.reordered(1, shape.callersImages(b, callersType, shape.outputSizes()), y);
      b.step(
          convolution, new int[] {DNNL_ARG_SRC, DNNL_ARG_DIFF_DST, DNNL_ARG_DIFF_WEIGHTS},
          new int[] {xSlot, ySlot, 2});
      dnnl_memory_desc sum = DnnlPlanBuilder.wanted(convolution, DNNL_ARG_DIFF_WEIGHTS);
      return new Part(
          b.build(), dnnl_memory_desc_get_size(sum), collect(library, shape, sum, false),
          collect(library, shape, sum, true));
    }
  }

  /** Whether the pixels that the kernel meets are copied together first, where oneDNN would. */
  private static boolean gathers(Conv2dGeometry g) {
    return g.stride() > 1 && g.kernelHeight() == 1 && g.kernelWidth() == 1 && g.padding() == 0
        && g.height() % g.stride() == 0 && g.width() % g.stride() == 0
        && g.groupInChannels() < CHANNELS;
  }

  /** The convolution of these pixels. */
  private static Conv2dGeometry gathered(Conv2dGeometry g) {
    return new Conv2dGeometry(
        g.batch(), g.outHeight(), g.outWidth(), g.inChannels(), g.outChannels(), 1, 1, 1, 0,
        g.groups());
  }

  /** Where they lie in the caller's images. */
  private static dnnl_memory_desc underStride(
      DnnlPlanBuilder b, int type, Conv2dGeometry g, DnnlConvolutionShape shape) {
    long row = (long) g.width() * g.inChannels();
    return b.strided(
        type, shape.inputSizes(),
        new long[] {
          g.height() * row, 1, g.stride() * row, (long) g.stride() * g.inChannels()
        });
  }

  private static DnnlPlan collect(
      Dnnl library, DnnlConvolutionShape shape, dnnl_memory_desc sum, boolean add) {
    try (DnnlPlanBuilder b = new DnnlPlanBuilder(library)) {
      b.reorder(0, sum, 1, b.rowMajor(dnnl_f32, shape.weightSizes()), add);
      return b.build();
    }
  }

  @Override
  public void close() {
    for (Part part : parts.values()) {
      part.sum.close();
      part.put.close();
      part.add.close();
    }
  }
}
