package io.sagitta.engine;

import java.util.Arrays;

/** Shapes of reductions over axes. */
final class Axes {
  private Axes() {}

  /** The shape with extent 1 along the axes. */
  static Shape reduced(Shape shape, int... axes) {
    int[] extents = shape.dims();
    for (int axis : axes) {
      extents[shape.axis(axis)] = 1;
    }
    return Shape.of(extents);
  }

  /** The shape without the axes. */
  static Shape removed(Shape shape, int... axes) {
    boolean[] gone = new boolean[shape.rank()];
    for (int axis : axes) {
      gone[shape.axis(axis)] = true;
    }
    int[] extents = new int[shape.rank()];
    int rank = 0;
    for (int axis = 0; axis < gone.length; axis++) {
      if (!gone[axis]) {
        extents[rank++] = shape.dim(axis);
      }
    }
    return Shape.of(Arrays.copyOf(extents, rank));
  }
}
