package io.sagitta.kernels.host;

import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SCRATCHPAD;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC;
import static org.bytedeco.dnnl.global.dnnl.dnnl_binary_add;
import static org.bytedeco.dnnl.global.dnnl.dnnl_binary_mul;
import static org.bytedeco.dnnl.global.dnnl.dnnl_eltwise_relu;
import static org.bytedeco.dnnl.global.dnnl.dnnl_format_tag_any;
import static org.bytedeco.dnnl.global.dnnl.dnnl_fpmath_mode_strict;
import static org.bytedeco.dnnl.global.dnnl.dnnl_memory_desc_clone;
import static org.bytedeco.dnnl.global.dnnl.dnnl_memory_desc_create_with_strides;
import static org.bytedeco.dnnl.global.dnnl.dnnl_memory_desc_create_with_tag;
import static org.bytedeco.dnnl.global.dnnl.dnnl_memory_desc_destroy;
import static org.bytedeco.dnnl.global.dnnl.dnnl_memory_desc_equal;
import static org.bytedeco.dnnl.global.dnnl.dnnl_memory_desc_get_size;
import static org.bytedeco.dnnl.global.dnnl.dnnl_post_ops_append_binary;
import static org.bytedeco.dnnl.global.dnnl.dnnl_post_ops_append_eltwise;
import static org.bytedeco.dnnl.global.dnnl.dnnl_post_ops_append_sum;
import static org.bytedeco.dnnl.global.dnnl.dnnl_post_ops_create;
import static org.bytedeco.dnnl.global.dnnl.dnnl_post_ops_destroy;
import static org.bytedeco.dnnl.global.dnnl.dnnl_primitive_attr_create;
import static org.bytedeco.dnnl.global.dnnl.dnnl_primitive_attr_destroy;
import static org.bytedeco.dnnl.global.dnnl.dnnl_primitive_attr_set_fpmath_mode;
import static org.bytedeco.dnnl.global.dnnl.dnnl_primitive_attr_set_post_ops;
import static org.bytedeco.dnnl.global.dnnl.dnnl_primitive_attr_set_scratchpad_mode;
import static org.bytedeco.dnnl.global.dnnl.dnnl_primitive_create;
import static org.bytedeco.dnnl.global.dnnl.dnnl_primitive_desc_destroy;
import static org.bytedeco.dnnl.global.dnnl.dnnl_primitive_desc_query_md;
import static org.bytedeco.dnnl.global.dnnl.dnnl_primitive_destroy;
import static org.bytedeco.dnnl.global.dnnl.dnnl_query_exec_arg_md;
import static org.bytedeco.dnnl.global.dnnl.dnnl_query_scratchpad_md;
import static org.bytedeco.dnnl.global.dnnl.dnnl_reorder_primitive_desc_create;
import static org.bytedeco.dnnl.global.dnnl.dnnl_scratchpad_mode_user;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.dnnl.dnnl_engine;
import org.bytedeco.dnnl.dnnl_memory_desc;
import org.bytedeco.dnnl.dnnl_post_ops;
import org.bytedeco.dnnl.dnnl_primitive;
import org.bytedeco.dnnl.dnnl_primitive_attr;
import org.bytedeco.dnnl.dnnl_primitive_desc;

/**
 * Puts a {@link DnnlPlan} together. Layouts, attributes and primitive descriptors made here live as
 * long as the builder, and OpenMP is limited to this thread; close it when the plan is built.
 */
final class DnnlPlanBuilder implements AutoCloseable {
  private static final int ALIGNMENT = 64;

  private final Dnnl library;
  private final List<Runnable> owned = new ArrayList<>();
  private final List<DnnlPlan.Step> steps = new ArrayList<>();
  private final List<Long> temporaries = new ArrayList<>();
  private long scratchBytes;
  private boolean built;

  DnnlPlanBuilder(Dnnl library) {
    this.library = library;
    library.threads().enter();
  }

  dnnl_engine engine() {
    return library.engine();
  }

  // ---------------------------------------------------------------- layouts

  /** Elements of {@code sizes}, in an order that the primitive chooses. */
  dnnl_memory_desc any(int type, long... sizes) {
    return tagged(type, dnnl_format_tag_any, sizes);
  }

  /** Elements of {@code sizes} in one of oneDNN's named orders. */
  dnnl_memory_desc tagged(int type, int tag, long... sizes) {
    dnnl_memory_desc layout = new dnnl_memory_desc();
    Dnnl.check(
        dnnl_memory_desc_create_with_tag(layout, sizes.length, sizes, type, tag),
        "layout " + Arrays.toString(sizes));
    return own(layout);
  }

  /** Elements of {@code sizes}, {@code strides} elements between neighbours along each axis. */
  dnnl_memory_desc strided(int type, long[] sizes, long[] strides) {
    dnnl_memory_desc layout = new dnnl_memory_desc();
    Dnnl.check(
        dnnl_memory_desc_create_with_strides(layout, sizes.length, sizes, type, strides),
        "layout " + Arrays.toString(sizes) + " with strides " + Arrays.toString(strides));
    return own(layout);
  }

  /** Elements of {@code sizes} in row-major order. */
  dnnl_memory_desc rowMajor(int type, long... sizes) {
    long[] strides = new long[sizes.length];
    long stride = 1;
    for (int i = sizes.length - 1; i >= 0; i--) {
      strides[i] = stride;
      stride *= sizes[i];
    }
    return strided(type, sizes, strides);
  }

  private dnnl_memory_desc own(dnnl_memory_desc layout) {
    owned.add(() -> Dnnl.check(dnnl_memory_desc_destroy(layout), "layout"));
    return layout;
  }

  // ---------------------------------------------------------------- attributes

  /**
   * What is done to each result of a primitive in the same pass.
   *
   * @param algorithm oneDNN's
   * @param operand layout of what it is done with, or null for nothing
   * @param slope of a rectifier below zero
   */
  record After(int algorithm, dnnl_memory_desc operand, float slope) {
    /** What is not a number becomes zero. */
    static final After RELU = new After(dnnl_eltwise_relu, null, 0);

    /**
     * A rectifier that keeps what is not a number: with a slope below zero, oneDNN multiplies where
     * it takes the greater of two otherwise. The product with the least slope there is rounds to
     * zero, below −10⁷ to what is 10⁻⁴⁵ of the number.
     */
    static final After RELU_KEEPING_NAN = new After(dnnl_eltwise_relu, null, Float.MIN_VALUE);

    static After plus(dnnl_memory_desc operand) {
      return new After(dnnl_binary_add, operand, 0);
    }

    static After times(dnnl_memory_desc operand) {
      return new After(dnnl_binary_mul, operand, 0);
    }
  }

  /** Real fp32, scratch memory from the caller, nothing after the primitive. */
  dnnl_primitive_attr plain() {
    return attributes(List.of(), false);
  }

  /** The same with what follows in the same pass, in order. */
  dnnl_primitive_attr followedBy(List<After> list) {
    return attributes(list, false);
  }

  private dnnl_primitive_attr attributes(List<After> list, boolean toTarget) {
    dnnl_primitive_attr attributes = new dnnl_primitive_attr();
    Dnnl.check(dnnl_primitive_attr_create(attributes), "attributes");
    owned.add(() -> Dnnl.check(dnnl_primitive_attr_destroy(attributes), "attributes"));
    Dnnl.check(
        dnnl_primitive_attr_set_fpmath_mode(attributes, dnnl_fpmath_mode_strict), "strict fp32");
    Dnnl.check(
        dnnl_primitive_attr_set_scratchpad_mode(attributes, dnnl_scratchpad_mode_user),
        "scratch memory");
    if (toTarget || !list.isEmpty()) {
      dnnl_post_ops after = new dnnl_post_ops();
      Dnnl.check(dnnl_post_ops_create(after), "post-ops");
      owned.add(() -> Dnnl.check(dnnl_post_ops_destroy(after), "post-ops"));
      if (toTarget) {
        Dnnl.check(dnnl_post_ops_append_sum(after, 1, 0, 0), "post-op sum");
      }
      for (After one : list) {
        Dnnl.check(
            one.operand == null
                ? dnnl_post_ops_append_eltwise(after, one.algorithm, one.slope, 0)
                : dnnl_post_ops_append_binary(after, one.algorithm, one.operand),
            "post-op");
      }
      Dnnl.check(dnnl_primitive_attr_set_post_ops(attributes, after), "post-ops");
    }
    return attributes;
  }

  // ---------------------------------------------------------------- steps

  /** Keeps a primitive descriptor until the builder closes. */
  dnnl_primitive_desc own(dnnl_primitive_desc descriptor) {
    owned.add(() -> Dnnl.check(dnnl_primitive_desc_destroy(descriptor), "descriptor"));
    return descriptor;
  }

  /** The layout that a primitive wants for one of its arguments. */
  static dnnl_memory_desc wanted(dnnl_primitive_desc descriptor, int argument) {
    return dnnl_primitive_desc_query_md(descriptor, dnnl_query_exec_arg_md, argument);
  }

  /** Room in scratch memory; returns its slot. */
  int temporary(dnnl_memory_desc layout) {
    temporaries.add(scratchBytes);
    long bytes = dnnl_memory_desc_get_size(layout);
    scratchBytes += (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    return -temporaries.size();
  }

  /**
   * A primitive.
   *
   * @param arguments oneDNN's numbers of its arguments
   * @param slots where each lies
   */
  void step(dnnl_primitive_desc descriptor, int[] arguments, int[] slots) {
    dnnl_memory_desc scratch =
        dnnl_primitive_desc_query_md(descriptor, dnnl_query_scratchpad_md, 0);
    int count = arguments.length;
    if (scratch != null && dnnl_memory_desc_get_size(scratch) > 0) {
      arguments = Arrays.copyOf(arguments, count + 1);
      slots = Arrays.copyOf(slots, count + 1);
      arguments[count] = DNNL_ARG_SCRATCHPAD;
      slots[count] = temporary(scratch);
    }
    dnnl_memory_desc[] layouts = new dnnl_memory_desc[arguments.length];
    for (int i = 0; i < layouts.length; i++) {
      layouts[i] = new dnnl_memory_desc();
      Dnnl.check(
          dnnl_memory_desc_clone(
              layouts[i], i < count ? wanted(descriptor, arguments[i]) : scratch),
          "layout of argument " + arguments[i]);
    }
    dnnl_primitive primitive = new dnnl_primitive();
    Dnnl.check(dnnl_primitive_create(primitive, descriptor), "primitive");
    steps.add(new DnnlPlan.Step(primitive, arguments, layouts, slots));
  }

  /** Copies {@code source} into {@code target} in another layout, or adds it there. */
  void reorder(
      int source, dnnl_memory_desc from, int target, dnnl_memory_desc to, boolean add) {
    dnnl_primitive_desc descriptor = new dnnl_primitive_desc();
    Dnnl.check(
        dnnl_reorder_primitive_desc_create(
            descriptor, from, engine(), to, engine(), attributes(List.of(), add)),
        "reorder");
    step(own(descriptor), new int[] {DNNL_ARG_SRC, DNNL_ARG_DST}, new int[] {source, target});
  }

  /** The slot of {@code source} in another layout: itself, or a temporary that is filled first. */
  int reordered(int source, dnnl_memory_desc from, dnnl_memory_desc to) {
    if (same(from, to)) {
      return source;
    }
    int target = temporary(to);
    reorder(source, from, target, to, false);
    return target;
  }

  static boolean same(dnnl_memory_desc a, dnnl_memory_desc b) {
    return dnnl_memory_desc_equal(a, b) != 0;
  }

  DnnlPlan build() {
    built = true;
    long[] offsets = temporaries.stream().mapToLong(Long::longValue).toArray();
    return new DnnlPlan(library, steps, offsets, scratchBytes);
  }

  @Override
  public void close() {
    library.threads().leave();
    if (!built) {
      for (DnnlPlan.Step step : steps) {
        Dnnl.check(dnnl_primitive_destroy(step.primitive()), "primitive");
        for (dnnl_memory_desc layout : step.layouts()) {
          Dnnl.check(dnnl_memory_desc_destroy(layout), "layout");
        }
      }
    }
    for (int i = owned.size() - 1; i >= 0; i--) {
      owned.get(i).run();
    }
  }
}
