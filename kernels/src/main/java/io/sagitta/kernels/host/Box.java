package io.sagitta.kernels.host;

import java.util.ArrayList;
import java.util.List;

/**
 * A box of indices with the strides of several operands over it, brought to as few axes as
 * possible: axes of length 1 are dropped, and neighbours that every operand steps through as
 * through one are merged. At least two axes are left, of length 1 in front where need be.
 */
final class Box {
  private final int[] shape;

  /** Strides by operand, then axis. */
  private final int[][] strides;

  private Box(List<Axis> axes, int operands) {
    shape = new int[axes.size()];
    strides = new int[operands][axes.size()];
    for (int k = 0; k < shape.length; k++) {
      shape[k] = axes.get(k).length;
      for (int o = 0; o < operands; o++) {
        strides[o][k] = axes.get(k).strides[o];
      }
    }
  }

  /** One axis: its length and each operand's stride. */
  static final class Axis {
    private int length;
    private final int[] strides;

    private Axis(int length, int[] strides) {
      this.length = length;
      this.strides = strides;
    }

    int stride(int operand) {
      return strides[operand];
    }
  }

  /** The axes longer than 1, in the given order, not yet merged. */
  static List<Axis> axes(long[] shape, long[]... strides) {
    List<Axis> axes = new ArrayList<>();
    for (int k = 0; k < shape.length; k++) {
      if (shape[k] != 1) {
        int[] steps = new int[strides.length];
        for (int o = 0; o < steps.length; o++) {
          steps[o] = Math.toIntExact(strides[o][k]);
        }
        axes.add(new Axis(Math.toIntExact(shape[k]), steps));
      }
    }
    return axes;
  }

  /** Merges neighbouring axes where all operands allow it. */
  static Box merged(List<Axis> axes, int operands) {
    List<Axis> merged = new ArrayList<>();
    for (Axis axis : axes) {
      Axis last = merged.isEmpty() ? null : merged.get(merged.size() - 1);
      if (last != null && continues(last, axis)) {
        merged.set(merged.size() - 1, new Axis(last.length * axis.length, axis.strides));
      } else {
        merged.add(axis);
      }
    }
    while (merged.size() < 2) {
      int[] ones = new int[operands];
      merged.add(0, new Axis(1, ones));
    }
    return new Box(merged, operands);
  }

  private static boolean continues(Axis outer, Axis inner) {
    for (int o = 0; o < inner.strides.length; o++) {
      if (outer.strides[o] != (long) inner.length * inner.strides[o]) {
        return false;
      }
    }
    return true;
  }

  int axisCount() {
    return shape.length;
  }

  int length(int axis) {
    return shape[axis];
  }

  int stride(int operand, int axis) {
    return strides[operand][axis];
  }

  /** The number of indices over all axes but those given. */
  int count(int... without) {
    int count = 1;
    for (int k = 0; k < shape.length; k++) {
      count *= contains(without, k) ? 1 : shape[k];
    }
    return count;
  }

  /** Where an operand stands at the {@code unit}-th index over all axes but those given. */
  int offset(int operand, int unit, int... without) {
    int offset = 0;
    for (int k = shape.length - 1; k >= 0; k--) {
      if (!contains(without, k)) {
        offset += unit % shape[k] * strides[operand][k];
        unit /= shape[k];
      }
    }
    return offset;
  }

  private static boolean contains(int[] values, int value) {
    for (int v : values) {
      if (v == value) {
        return true;
      }
    }
    return false;
  }
}
