package io.sagitta.engine.ops;

import io.sagitta.engine.Shape;

/** Shapes of ops that work on each row of the last axis. */
final class Rows {
  private Rows() {}

  static Shape check(String op, Shape shape) {
    if (shape.rank() < 1 || shape.dim(-1) < 1) {
      throw new IllegalArgumentException(
          op + ": expected rows of at least one column, got " + shape);
    }
    return shape;
  }

  /** Rows of the last axis. */
  static long count(Shape shape) {
    return shape.elements(0, shape.rank() - 1);
  }

  /** The shape without the last axis. */
  static Shape withoutColumns(Shape shape) {
    int[] extents = new int[shape.rank() - 1];
    for (int axis = 0; axis < extents.length; axis++) {
      extents[axis] = shape.dim(axis);
    }
    return Shape.of(extents);
  }
}
