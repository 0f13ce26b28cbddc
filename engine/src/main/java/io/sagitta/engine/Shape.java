package io.sagitta.engine;

import java.util.Arrays;

/** The extents of a tensor, outermost axis first. Immutable; rank 0 is a scalar. */
public final class Shape {
  private static final Shape SCALAR = new Shape(new int[0]);

  private final int[] extents;

  private Shape(int[] extents) {
    this.extents = extents;
  }

  /**
   * A shape.
   *
   * @throws IllegalArgumentException if an extent is negative
   */
  public static Shape of(int... extents) {
    for (int extent : extents) {
      if (extent < 0) {
        throw new IllegalArgumentException(
            "shape: expected extents >= 0, got " + Arrays.toString(extents));
      }
    }
    return extents.length == 0 ? SCALAR : new Shape(extents.clone());
  }

  /** The shape of a single number. */
  public static Shape scalar() {
    return SCALAR;
  }

  /** Number of axes. */
  public int rank() {
    return extents.length;
  }

  /** The extent of an axis; −1 is the last axis. */
  public int dim(int axis) {
    return extents[axis(axis)];
  }

  /** An axis counted from the front; −1 is the last. */
  public int axis(int axis) {
    if (axis < -extents.length || axis >= extents.length) {
      throw new IllegalArgumentException("shape " + this + " has no axis " + axis);
    }
    return axis < 0 ? axis + extents.length : axis;
  }

  /** All extents. */
  public int[] dims() {
    return extents.clone();
  }

  /** Number of elements. */
  public long elements() {
    long product = 1;
    for (int extent : extents) {
      product = Math.multiplyExact(product, extent);
    }
    return product;
  }

  /** Elements of the axes from {@code from} (inclusive) to {@code to} (exclusive). */
  public long elements(int from, int to) {
    long product = 1;
    for (int axis = from; axis < to; axis++) {
      product *= extents[axis];
    }
    return product;
  }

  /** This shape with one extent replaced. */
  public Shape with(int axis, int extent) {
    int[] changed = extents.clone();
    changed[axis(axis)] = extent;
    return of(changed);
  }

  /** Elements between neighbours along each axis in row-major order. */
  public long[] strides() {
    long[] strides = new long[extents.length];
    long stride = 1;
    for (int axis = extents.length - 1; axis >= 0; axis--) {
      strides[axis] = stride;
      stride *= extents[axis];
    }
    return strides;
  }

  /** The extents as 64-bit numbers. */
  public long[] longs() {
    return Arrays.stream(extents).asLongStream().toArray();
  }

  /**
   * Strides by which a tensor of this shape is read as if it had the shape {@code to}: 0 along
   * repeated axes.
   *
   * @throws IllegalArgumentException if this shape does not broadcast to {@code to}
   */
  public long[] stridesIn(Shape to) {
    int missing = to.rank() - rank();
    boolean fits = missing >= 0;
    long[] own = strides();
    long[] strides = new long[to.rank()];
    for (int axis = 0; fits && axis < rank(); axis++) {
      int target = to.extents[axis + missing];
      fits = extents[axis] == target || extents[axis] == 1;
      strides[axis + missing] = extents[axis] == 1 ? 0 : own[axis];
    }
    if (!fits) {
      throw new IllegalArgumentException("shape " + this + " does not broadcast to " + to);
    }
    return strides;
  }

  /**
   * The shape of an elementwise operation of two tensors, as NumPy broadcasts: axes are aligned at
   * the end, and an extent of 1 repeats.
   *
   * @throws IllegalArgumentException if they do not fit, naming both shapes
   */
  public static Shape broadcast(Shape a, Shape b) {
    int rank = Math.max(a.rank(), b.rank());
    int[] extents = new int[rank];
    for (int i = 1; i <= rank; i++) {
      int left = i <= a.rank() ? a.extents[a.rank() - i] : 1;
      int right = i <= b.rank() ? b.extents[b.rank() - i] : 1;
      if (left != right && left != 1 && right != 1) {
        throw new IllegalArgumentException("shapes " + a + " and " + b + " do not broadcast");
      }
      extents[rank - i] = left == 1 ? right : left;
    }
    return of(extents);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Shape shape && Arrays.equals(extents, shape.extents);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(extents);
  }

  /** The extents in brackets: {@code [32, 10]}. */
  @Override
  public String toString() {
    return Arrays.toString(extents);
  }
}
