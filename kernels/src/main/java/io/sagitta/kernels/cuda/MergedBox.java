package io.sagitta.kernels.cuda;

/**
 * A box of indices with the strides of two operands over it, brought to as few axes as possible:
 * axes of length 1 are dropped, and neighbours that both operands step through as through one are
 * merged. The members lie as the kernels' {@code struct Box}: eight lengths, eight strides of each
 * operand. One is used over and over, so that preparing a launch makes no garbage.
 */
final class MergedBox {
  /** Axes that kernels take. */
  static final int MOST_AXES = 8;

  private static final int FIRST = MOST_AXES;
  private static final int SECOND = 2 * MOST_AXES;

  private final long[] members = new long[3 * MOST_AXES];
  private int axes;

  /** Makes the box a single index. */
  void clear() {
    axes = 0;
  }

  /**
   * Adds an axis behind, innermost.
   *
   * @param op named in the error when there are too many axes
   */
  void add(String op, long length, long first, long second) {
    if (length == 1) {
      return;
    }
    int last = axes - 1;
    boolean continues =
        axes > 0
            && members[FIRST + last] == length * first
            && members[SECOND + last] == length * second;
    if (continues) {
      set(last, members[last] * length, first, second);
      return;
    }
    if (axes == MOST_AXES) {
      throw new IllegalArgumentException(
          op + ": expected at most " + MOST_AXES + " axes that cannot be merged, got more");
    }
    set(axes++, length, first, second);
  }

  private void set(int axis, long length, long first, long second) {
    members[axis] = length;
    members[FIRST + axis] = first;
    members[SECOND + axis] = second;
  }

  /** Moves an axis to the place before the last, the others keeping their order. */
  void moveBeforeLast(int axis) {
    long length = members[axis];
    long first = first(axis);
    long second = second(axis);
    for (int k = axis; k < axes - 2; k++) {
      set(k, members[k + 1], first(k + 1), second(k + 1));
    }
    set(axes - 2, length, first, second);
  }

  /** Divides the last length, and all strides but the last of each operand, by {@code size}. */
  void toVectors(int size) {
    members[axes - 1] /= size;
    for (int k = 0; k < axes - 1; k++) {
      members[FIRST + k] /= size;
      members[SECOND + k] /= size;
    }
  }

  /** Whether {@link #toVectors} leaves no remainder and the last strides are 1. */
  boolean hasVectors(int size) {
    int last = axes - 1;
    boolean has = axes > 0 && length(last) % size == 0 && first(last) == 1 && second(last) == 1;
    for (int k = 0; k < last; k++) {
      has &= first(k) % size == 0 && second(k) % size == 0;
    }
    return has;
  }

  int axes() {
    return axes;
  }

  /** The length of an axis; 1 for an axis −1 that is not there. */
  long length(int axis) {
    return axis < 0 ? 1 : members[axis];
  }

  /** The first operand's stride; 0 for an axis −1. */
  long first(int axis) {
    return axis < 0 ? 0 : members[FIRST + axis];
  }

  /** The second operand's stride; 0 for an axis −1. */
  long second(int axis) {
    return axis < 0 ? 0 : members[SECOND + axis];
  }

  /** The number of indices. */
  long count() {
    long count = 1;
    for (int k = 0; k < axes; k++) {
      count *= members[k];
    }
    return count;
  }

  /** What a kernel takes; not to be changed. */
  long[] members() {
    return members;
  }
}
