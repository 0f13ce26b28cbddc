package io.sagitta.kernels.host;

import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_ATTR_MULTIPLE_POST_OP_BASE;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_SCALE;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_SHIFT;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_SRC;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_MEAN;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SCALE;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC_0;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC_1;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_VARIANCE;
import static org.bytedeco.dnnl.global.dnnl.dnnl_backward;
import static org.bytedeco.dnnl.global.dnnl.dnnl_batch_normalization_backward_primitive_desc_create;
import static org.bytedeco.dnnl.global.dnnl.dnnl_batch_normalization_forward_primitive_desc_create;
import static org.bytedeco.dnnl.global.dnnl.dnnl_bf16;
import static org.bytedeco.dnnl.global.dnnl.dnnl_binary_add;
import static org.bytedeco.dnnl.global.dnnl.dnnl_binary_mul;
import static org.bytedeco.dnnl.global.dnnl.dnnl_binary_primitive_desc_create;
import static org.bytedeco.dnnl.global.dnnl.dnnl_binary_sub;
import static org.bytedeco.dnnl.global.dnnl.dnnl_eltwise_backward_primitive_desc_create;
import static org.bytedeco.dnnl.global.dnnl.dnnl_eltwise_forward_primitive_desc_create;
import static org.bytedeco.dnnl.global.dnnl.dnnl_eltwise_relu_use_dst_for_bwd;
import static org.bytedeco.dnnl.global.dnnl.dnnl_f32;
import static org.bytedeco.dnnl.global.dnnl.dnnl_forward_training;
import static org.bytedeco.dnnl.global.dnnl.dnnl_nhwc;
import static org.bytedeco.dnnl.global.dnnl.dnnl_use_scale;
import static org.bytedeco.dnnl.global.dnnl.dnnl_use_shift;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.dnnl.dnnl_memory_desc;
import org.bytedeco.dnnl.dnnl_primitive_attr;
import org.bytedeco.dnnl.dnnl_primitive_desc;

/**
 * The primitives of {@link DnnlBf16} over [rows, width] images of bfloat16, with constants of
 * [width] floats. Results have the type of what is computed with first: oneDNN compiles code for
 * that, and takes hundreds of times as long for bfloat16 that gives floats or the other way round.
 * So what is to stay float between two primitives is widened before the first.
 */
final class DnnlBf16Plans {
  /** An operation and its sizes. */
  sealed interface Form {}

  /** y = a + b. Arguments: a, b, y. */
  record Add(int elements) implements Form {}

  /** Arguments: x, then means and variances over the rows. */
  record Statistics(int width, int rows) implements Form {}

  /** y = act((x − mean)·scale + shift + residual). Arguments in that order, then y. */
  record Apply(int width, int rows, boolean residual, boolean relu) implements Form {}

  /**
   * Σ g and Σ g·(x − mean) over the rows. Arguments: x, mean, ones, gradY, y, then the sums.
   *
   * @param masked whether g is gradY where y &gt; 0, or all of it
   */
  record Sums(int width, int rows, boolean masked) implements Form {}

  /**
   * gradX = (x − mean)·ofInput + constant + g·ofGradient. Arguments: x, mean, ofInput, constant,
   * gradY, ofGradient, y, gradX.
   *
   * @param masked whether g is gradY where y &gt; 0, or all of it
   */
  record GradInput(int width, int rows, boolean masked) implements Form {}

  private final Dnnl library;

  DnnlBf16Plans(Dnnl library) {
    this.library = library;
  }

  DnnlOperation build(Form form) {
    try (DnnlPlanBuilder b = new DnnlPlanBuilder(library)) {
      if (form instanceof Add add) {
        add(b, add);
      } else if (form instanceof Statistics statistics) {
        statistics(b, statistics);
      } else if (form instanceof Apply apply) {
        apply(b, apply);
      } else if (form instanceof Sums sums) {
        sums(b, sums);
      } else if (form instanceof GradInput gradInput) {
        gradInput(b, gradInput);
      }
      return new DnnlSingle(b.build());
    }
  }

  private static void add(DnnlPlanBuilder b, Add form) {
    dnnl_memory_desc images = images(b, dnnl_bf16, form.elements, 1);
    binary(
        b, dnnl_binary_add, images, images, b.plain(),
        new int[] {DNNL_ARG_SRC_0, DNNL_ARG_SRC_1, DNNL_ARG_DST}, new int[] {0, 1, 2});
  }

  private static void statistics(DnnlPlanBuilder b, Statistics form) {
    dnnl_memory_desc images = images(b, dnnl_bf16, form.width, form.rows);
    b.step(
        normalisation(b, images, 0),
        new int[] {DNNL_ARG_SRC, DNNL_ARG_MEAN, DNNL_ARG_VARIANCE, DNNL_ARG_DST},
        new int[] {0, 1, 2, b.temporary(images)});
  }

  private static void apply(DnnlPlanBuilder b, Apply form) {
    dnnl_memory_desc images = images(b, dnnl_bf16, form.width, form.rows);
    dnnl_memory_desc constants = images(b, dnnl_f32, form.width, 1);
    List<DnnlPlanBuilder.After> after = new ArrayList<>(affine(constants));
    if (form.residual) {
      after.add(DnnlPlanBuilder.After.plus(images));
    }
    if (form.relu) {
      after.add(DnnlPlanBuilder.After.RELU_KEEPING_NAN);
    }
    int[] arguments = {
      DNNL_ARG_SRC_0, DNNL_ARG_SRC_1, DNNL_ARG_DST, after(0), after(1), after(2)
    };
    int[] slots = {0, 1, 5, 2, 3, 4};
    int count = form.residual ? 6 : 5;
    binary(
        b, dnnl_binary_sub, images, constants, b.followedBy(after),
        Arrays.copyOf(arguments, count), Arrays.copyOf(slots, count));
  }

  /** By the backward pass with a deviation and a scale of one, whose input gradient is not used. */
  private static void sums(DnnlPlanBuilder b, Sums form) {
    dnnl_memory_desc images = images(b, dnnl_bf16, form.width, form.rows);
    int flags = dnnl_use_scale | dnnl_use_shift;
    dnnl_primitive_desc backward = new dnnl_primitive_desc();
    Dnnl.check(
        dnnl_batch_normalization_backward_primitive_desc_create(
            backward, b.engine(), dnnl_backward, images, images, images, 0, flags,
            normalisation(b, images, flags), b.plain()),
        form);
    b.own(backward);
    int gradient = form.masked ? masked(b, images, 3, 4) : 3;
    b.step(
        backward,
        new int[] {
          DNNL_ARG_SRC, DNNL_ARG_MEAN, DNNL_ARG_VARIANCE, DNNL_ARG_SCALE, DNNL_ARG_DIFF_DST,
          DNNL_ARG_DIFF_SHIFT, DNNL_ARG_DIFF_SCALE, DNNL_ARG_DIFF_SRC
        },
        new int[] {0, 1, 2, 2, gradient, 5, 6, b.temporary(images)});
  }

  private static void gradInput(DnnlPlanBuilder b, GradInput form) {
    dnnl_memory_desc images = images(b, dnnl_bf16, form.width, form.rows);
    dnnl_memory_desc floats = images(b, dnnl_f32, form.width, form.rows);
    dnnl_memory_desc constants = images(b, dnnl_f32, form.width, 1);
    int rest = b.reordered(0, images, floats);
    binary(
        b, dnnl_binary_sub, floats, constants, b.followedBy(affine(constants)),
        new int[] {DNNL_ARG_SRC_0, DNNL_ARG_SRC_1, DNNL_ARG_DST, after(0), after(1)},
        new int[] {rest, 1, rest, 2, 3});
    int gradient = form.masked ? masked(b, images, 4, 6) : 4;
    binary(
        b, dnnl_binary_mul, images, constants,
        b.followedBy(List.of(DnnlPlanBuilder.After.plus(floats))),
        new int[] {DNNL_ARG_SRC_0, DNNL_ARG_SRC_1, DNNL_ARG_DST, after(0)},
        new int[] {gradient, 5, 7, rest});
  }

  /** A temporary with the gradient where y &gt; 0, else 0. */
  private static int masked(DnnlPlanBuilder b, dnnl_memory_desc images, int gradY, int y) {
    dnnl_primitive_desc forward = new dnnl_primitive_desc();
    Dnnl.check(
        dnnl_eltwise_forward_primitive_desc_create(
            forward, b.engine(), dnnl_forward_training, dnnl_eltwise_relu_use_dst_for_bwd, images,
            images, 0, 0, b.plain()),
        "mask");
    b.own(forward);
    dnnl_primitive_desc backward = new dnnl_primitive_desc();
    Dnnl.check(
        dnnl_eltwise_backward_primitive_desc_create(
            backward, b.engine(), dnnl_eltwise_relu_use_dst_for_bwd, images, images, images, 0, 0,
            forward, b.plain()),
        "mask");
    int masked = b.temporary(images);
    b.step(
        b.own(backward), new int[] {DNNL_ARG_DST, DNNL_ARG_DIFF_DST, DNNL_ARG_DIFF_SRC},
        new int[] {y, gradY, masked});
    return masked;
  }

  private static dnnl_primitive_desc normalisation(
      DnnlPlanBuilder b, dnnl_memory_desc images, int flags) {
    dnnl_primitive_desc forward = new dnnl_primitive_desc();
    Dnnl.check(
        dnnl_batch_normalization_forward_primitive_desc_create(
            forward, b.engine(), dnnl_forward_training, images, images, 0, flags, b.plain()),
        "normalisation");
    return b.own(forward);
  }

  /** op(a, b) of images a, which the results are like. */
  private static void binary(
      DnnlPlanBuilder b, int op, dnnl_memory_desc first, dnnl_memory_desc second,
      dnnl_primitive_attr attributes, int[] arguments, int[] slots) {
    dnnl_primitive_desc descriptor = new dnnl_primitive_desc();
    Dnnl.check(
        dnnl_binary_primitive_desc_create(
            descriptor, b.engine(), op, first, second, first, attributes),
        "binary");
    b.step(b.own(descriptor), arguments, slots);
  }

  /** What makes x − mean (x − mean)·scale + shift. */
  private static List<DnnlPlanBuilder.After> affine(dnnl_memory_desc constants) {
    return List.of(
        DnnlPlanBuilder.After.times(constants), DnnlPlanBuilder.After.plus(constants));
  }

  /** oneDNN's number of what the n-th operation after a primitive takes. */
  private static int after(int n) {
    return DNNL_ARG_ATTR_MULTIPLE_POST_OP_BASE * (n + 1) | DNNL_ARG_SRC_1;
  }

  /** Rows of some width as an image of one row of pixels. */
  private static dnnl_memory_desc images(DnnlPlanBuilder b, int type, int width, int rows) {
    return b.tagged(type, dnnl_nhwc, 1, width, rows, 1);
  }
}
