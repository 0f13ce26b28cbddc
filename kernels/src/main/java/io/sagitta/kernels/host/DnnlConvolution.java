package io.sagitta.kernels.host;

import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_ATTR_MULTIPLE_POST_OP_BASE;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_BIAS;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_SRC;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC_1;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_WEIGHTS;
import static org.bytedeco.dnnl.global.dnnl.dnnl_convolution_backward_data_primitive_desc_create;
import static org.bytedeco.dnnl.global.dnnl.dnnl_convolution_direct;
import static org.bytedeco.dnnl.global.dnnl.dnnl_convolution_forward_primitive_desc_create;
import static org.bytedeco.dnnl.global.dnnl.dnnl_f32;
import static org.bytedeco.dnnl.global.dnnl.dnnl_forward_training;

import io.sagitta.kernels.Conv2dGeometry;
import io.sagitta.kernels.DType;
import io.sagitta.kernels.Precision;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.dnnl.dnnl_memory_desc;
import org.bytedeco.dnnl.dnnl_primitive_attr;
import org.bytedeco.dnnl.dnnl_primitive_desc;

/** Builds the forward convolution and its adjoint in the input; shares are runs of images. */
final class DnnlConvolution {
  /** What is added and applied in the pass over y. */
  record Epilogue(boolean bias, boolean residual, boolean relu) {}

  private static final int OUTPUT = 2;
  private static final int BIAS = 3;
  private static final int RESIDUAL = 4;

  /** Results of a share at least, for which it reads the weights. */
  private static final int PIXELS = 128;

  private final Dnnl library;

  /** Of operands. */
  private final int type;

  /** Of images as they are stored. */
  private final DType stored;

  private final int callersType;

  DnnlConvolution(Dnnl library, Precision precision, DType images) {
    this.library = library;
    this.type = Dnnl.elementType(precision);
    this.stored = images;
    this.callersType = Dnnl.elementType(images);
  }

  /** Arguments: x, w, y, bias, residual. */
  DnnlOperation forward(Conv2dGeometry g, Epilogue epilogue) {
    return shares(g, false, share -> forward(share, epilogue));
  }

  /** Arguments: gradY, w, gradX. */
  DnnlOperation gradInput(Conv2dGeometry g) {
    return shares(g, true, this::gradInput);
  }

  /** A plan for some number of images, and how it takes its weights. */
  private record Part(DnnlPlan plan, DnnlPacking packing) {}

  private interface PartBuilder {
    Part build(DnnlConvolutionShape shape);
  }

  private DnnlOperation shares(
      Conv2dGeometry g, boolean backward, PartBuilder builder) {
    DnnlConvolutionShape whole = DnnlConvolutionShape.of(g);
    DnnlShares shares =
        library.shares(g.batch(), whole.operations(), whole.pixels() / PIXELS);
    long input = (long) stored.bytes() * g.height() * g.width() * g.inChannels();
    long output = (long) stored.bytes() * g.outHeight() * g.outWidth() * g.outChannels();
    Map<Integer, Part> parts = new HashMap<>();
    List<DnnlRoutine.Share> list = new ArrayList<>();
    for (int i = 0; i < shares.count(); i++) {
      Part part =
          parts.computeIfAbsent(
              shares.size(i), n -> builder.build(DnnlConvolutionShape.of(g.withBatch(n))));
      long from = shares.from(i);
      long[] offsets =
          backward
              ? new long[] {from * output, 0, from * input}
              : new long[] {from * input, 0, from * output, 0, from * output};
      list.add(new DnnlRoutine.Share(part.plan, part.packing, offsets));
    }
    return new DnnlRoutine(list);
  }

  private Part forward(DnnlConvolutionShape shape, Epilogue epilogue) {
    try (DnnlPlanBuilder b = new DnnlPlanBuilder(library)) {
      dnnl_memory_desc callersX = shape.callersImages(b, callersType, shape.inputSizes());
      dnnl_memory_desc callersY = shape.callersImages(b, callersType, shape.outputSizes());
      dnnl_memory_desc x = shape.images(b, type, shape.inputSizes());
      dnnl_memory_desc y = shape.images(b, callersType, shape.outputSizes());
      dnnl_primitive_desc convolution =
          forward(
              b, shape, x, y, epilogue.bias ? b.rowMajor(dnnl_f32, shape.g().outChannels()) : null,
              b.followedBy(after(epilogue, y)));
      int xSlot = b.reordered(0, callersX, x);
      int ySlot = DnnlPlanBuilder.same(y, callersY) ? OUTPUT : b.temporary(y);
      List<Integer> numbers =
          new ArrayList<>(List.of(DNNL_ARG_SRC, DNNL_ARG_WEIGHTS, DNNL_ARG_DST));
      List<Integer> slots = new ArrayList<>(List.of(xSlot, DnnlOperation.WEIGHTS, ySlot));
      if (epilogue.bias) {
        numbers.add(DNNL_ARG_BIAS);
        slots.add(BIAS);
      }
      if (epilogue.residual) {
        numbers.add(DNNL_ARG_ATTR_MULTIPLE_POST_OP_BASE | DNNL_ARG_SRC_1);
        slots.add(b.reordered(RESIDUAL, callersY, y));
      }
      b.step(convolution, ints(numbers), ints(slots));
      if (ySlot != OUTPUT) {
        b.reorder(ySlot, y, OUTPUT, callersY, false);
      }
      return new Part(b.build(), packing(b, shape, convolution));
    }
  }

  private static List<DnnlPlanBuilder.After> after(Epilogue epilogue, dnnl_memory_desc y) {
    List<DnnlPlanBuilder.After> after = new ArrayList<>();
    if (epilogue.residual) {
      after.add(DnnlPlanBuilder.After.plus(y));
    }
    if (epilogue.relu) {
      after.add(DnnlPlanBuilder.After.RELU);
    }
    return after;
  }

  private Part gradInput(DnnlConvolutionShape shape) {
    try (DnnlPlanBuilder b = new DnnlPlanBuilder(library)) {
      dnnl_memory_desc callersX = shape.callersImages(b, callersType, shape.inputSizes());
      dnnl_memory_desc callersY = shape.callersImages(b, callersType, shape.outputSizes());
      dnnl_memory_desc x = shape.images(b, callersType, shape.inputSizes());
      dnnl_memory_desc y = shape.images(b, type, shape.outputSizes());
      dnnl_primitive_desc convolution = new dnnl_primitive_desc();
      Dnnl.check(
          dnnl_convolution_backward_data_primitive_desc_create(
              convolution, b.engine(), dnnl_convolution_direct, x, weights(b, shape, type), y,
              shape.strides(), shape.dilations(), shape.padding(), shape.padding(),
              hint(b, shape, type), b.plain()),
          "conv2dGradInput " + shape);
      b.own(convolution);
      int ySlot = b.reordered(0, callersY, y);
      int xSlot = DnnlPlanBuilder.same(x, callersX) ? OUTPUT : b.temporary(x);
      b.step(
          convolution,
          new int[] {DNNL_ARG_DIFF_DST, DNNL_ARG_WEIGHTS, DNNL_ARG_DIFF_SRC},
          new int[] {ySlot, DnnlOperation.WEIGHTS, xSlot});
      if (xSlot != OUTPUT) {
        b.reorder(xSlot, x, OUTPUT, callersX, false);
      }
      return new Part(b.build(), packing(b, shape, convolution));
    }
  }

  /** The forward convolution with operands of one type, which oneDNN sees before the others. */
  static dnnl_primitive_desc hint(DnnlPlanBuilder b, DnnlConvolutionShape shape, int type) {
    dnnl_memory_desc x = shape.images(b, type, shape.inputSizes());
    dnnl_memory_desc y = shape.images(b, type, shape.outputSizes());
    return descriptor(b, shape, x, weights(b, shape, type), y, null, b.plain());
  }

  private dnnl_primitive_desc forward(
      DnnlPlanBuilder b, DnnlConvolutionShape shape, dnnl_memory_desc x, dnnl_memory_desc y,
      dnnl_memory_desc bias, dnnl_primitive_attr attributes) {
    return descriptor(b, shape, x, weights(b, shape, type), y, bias, attributes);
  }

  private static dnnl_primitive_desc descriptor(
      DnnlPlanBuilder b, DnnlConvolutionShape shape, dnnl_memory_desc x, dnnl_memory_desc w,
      dnnl_memory_desc y, dnnl_memory_desc bias, dnnl_primitive_attr attributes) {
    dnnl_primitive_desc convolution = new dnnl_primitive_desc();
    Dnnl.check(
        dnnl_convolution_forward_primitive_desc_create(
            convolution, b.engine(), dnnl_forward_training, dnnl_convolution_direct, x, w, bias, y,
            shape.strides(), shape.dilations(), shape.padding(), shape.padding(), attributes),
        "conv2d " + shape);
    return b.own(convolution);
  }

  /** Weights in whatever order the primitive likes. */
  static dnnl_memory_desc weights(DnnlPlanBuilder b, DnnlConvolutionShape shape, int type) {
    return b.any(type, shape.weightSizes());
  }

  /** How the weights are packed, or null where the primitive takes them as they are. */
  private DnnlPacking packing(
      DnnlPlanBuilder b, DnnlConvolutionShape shape, dnnl_primitive_desc convolution) {
    dnnl_memory_desc from = b.rowMajor(dnnl_f32, shape.weightSizes());
    dnnl_memory_desc to = DnnlPlanBuilder.wanted(convolution, DNNL_ARG_WEIGHTS);
    return DnnlPlanBuilder.same(from, to) ? null : DnnlPacking.of(library, from, to);
  }

  private static int[] ints(List<Integer> values) {
    return values.stream().mapToInt(Integer::intValue).toArray();
  }
}
