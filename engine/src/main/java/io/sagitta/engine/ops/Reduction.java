package io.sagitta.engine.ops;

import io.sagitta.engine.DenseTensor;
import io.sagitta.engine.Shape;
import io.sagitta.kernels.Scope;
import java.util.Arrays;

/** Carries out a reduction over any set of axes as kernels over runs of neighbouring axes. */
final class Reduction {
  /** A reduction of [outer, reduced, inner] to [outer, inner]. */
  interface Kernel {
    void run(DenseTensor x, DenseTensor y, long outer, long reduced, long inner);
  }

  private Reduction() {}

  /**
   * Reduces x to the shape {@code target}, which broadcasts to x's, into {@code output}. The last
   * run of reduced axes goes first, so that later ones have less to do.
   */
  @SuppressWarnings("try") // an open scope is used by the operations inside it
  static void over(DenseTensor x, Shape target, DenseTensor output, Kernel kernel) {
    Shape shape = x.shape();
    boolean[] reduced = new boolean[shape.rank()];
    int missing = shape.rank() - target.rank();
    int first = shape.rank();
    for (int axis = shape.rank() - 1; axis >= 0; axis--) {
      int kept = axis < missing ? 1 : target.dim(axis - missing);
      reduced[axis] = kept != shape.dim(axis);
      first = reduced[axis] ? axis : first;
    }
    try (Scope scope = Scope.open()) {
      DenseTensor current = x;
      int end = shape.rank();
      while (true) {
        while (end > first && !reduced[end - 1]) {
          end--;
        }
        int start = end;
        while (start > first && reduced[start - 1]) {
          start--;
        }
        boolean last = start <= first;
        long outer = current.shape().elements(0, start);
        long count = current.shape().elements(start, end);
        long inner = current.shape().elements(end, shape.rank());
        int[] extents = current.shape().dims();
        Arrays.fill(extents, start, end, 1);
        DenseTensor next =
            last ? output : DenseTensor.allocate(x.backend(), Shape.of(extents));
        kernel.run(current, next, outer, count, inner);
        if (last) {
          return;
        }
        current = next;
        end = start;
      }
    }
  }
}
