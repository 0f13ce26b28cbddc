package io.sagitta.kernels.host;

import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.List;

/**
 * Copies of boxes of elements. The axes are put in the order in which the target lies in memory and
 * merged; then a copy is one of: runs contiguous on both sides; a transposition, in blocks that are
 * read along the source's contiguous axis and written along the target's; or rows gathered element
 * by element.
 */
final class CopyKernels {
  private static final int SOURCE = 0;
  private static final int TARGET = 1;
  private static final int PART = 32768;

  /** Elements of a transposed block, and its sides where both axes are long. */
  private static final int BLOCK = 4096;

  private static final int SIDE = 64;

  private CopyKernels() {}

  static void copy(
      HostBuffer source, long sourceOffset, long[] sourceStrides, HostBuffer target,
      long targetOffset, long[] targetStrides, long[] shape) {
    long[] from = sourceStrides.clone();
    long[] to = targetStrides.clone();
    for (int k = 0; k < shape.length; k++) {
      if (to[k] < 0) {
        sourceOffset += (shape[k] - 1) * from[k];
        targetOffset += (shape[k] - 1) * to[k];
        from[k] = -from[k];
        to[k] = -to[k];
      }
    }
    List<Box.Axis> axes = Box.axes(shape, from, to);
    axes.sort((a, b) -> Integer.compare(b.stride(TARGET), a.stride(TARGET)));
    new Copy(
        Box.merged(axes, 2), source.floats(), Math.toIntExact(sourceOffset), target.writeFloats(),
        Math.toIntExact(targetOffset)).run();
  }

  /** One copy, its last axis the one along which the target is densest. */
  private static final class Copy {
    private final Box box;
    private final FloatBuffer source;
    private final int sourceOffset;
    private final FloatBuffer target;
    private final int targetOffset;
    private final int last;
    private final int length;

    Copy(Box box, FloatBuffer source, int sourceOffset, FloatBuffer target, int targetOffset) {
      this.box = box;
      this.source = source;
      this.sourceOffset = sourceOffset;
      this.target = target;
      this.targetOffset = targetOffset;
      this.last = box.axisCount() - 1;
      this.length = box.length(last);
    }

    void run() {
      int along = box.stride(SOURCE, last);
      if (box.stride(TARGET, last) != 1) {
        rows(length, this::element);
      } else if (along == 1) {
        rows(PART, (f, t, n) -> target.put(t, source, f, n));
      } else if (along == 0) {
        rows(Stage.CHUNK, this::spread);
      } else {
        int across = sourceAxis();
        if (across < 0) {
          rows(Stage.CHUNK, this::gather);
        } else {
          transpose(across);
        }
      }
    }

    /** The axis along which the source is contiguous, or −1. */
    private int sourceAxis() {
      for (int k = 0; k < last; k++) {
        if (box.stride(SOURCE, k) == 1) {
          return k;
        }
      }
      return -1;
    }

    /** What is done with {@code n} elements of a row from two places on. */
    private interface Run {
      void copy(int from, int to, int n);
    }

    /** Cuts every row, an index over all axes but the last, into pieces. */
    private void rows(int piece, Run run) {
      int along = box.stride(SOURCE, last);
      int step = box.stride(TARGET, last);
      int pieces = (length - 1) / piece + 1;
      int grain = Math.max(1, PART / Math.min(length, piece));
      Parallel.ranges(box.count(last) * pieces, grain, 1, (first, end) -> {
        for (int unit = first; unit < end; unit++) {
          int row = unit / pieces;
          int start = unit % pieces * piece;
          run.copy(
              sourceOffset + box.offset(SOURCE, row, last) + start * along,
              targetOffset + box.offset(TARGET, row, last) + start * step,
              Math.min(piece, length - start));
        }
      });
    }

    private void element(int from, int to, int n) {
      int along = box.stride(SOURCE, last);
      int step = box.stride(TARGET, last);
      for (int i = 0; i < n; i++) {
        target.put(to + i * step, source.get(from + i * along));
      }
    }

    private void spread(int from, int to, int n) {
      float[] values = Stage.get().floats(0, n);
      Arrays.fill(values, 0, n, source.get(from));
      target.put(to, values, 0, n);
    }

    private void gather(int from, int to, int n) {
      int along = box.stride(SOURCE, last);
      float[] values = Stage.get().floats(0, n);
      for (int i = 0; i < n; i++) {
        values[i] = source.get(from + i * along);
      }
      target.put(to, values, 0, n);
    }

    /** Swaps axis {@code across}, contiguous in the source, with the last, that of the target. */
    private void transpose(int across) {
      int breadth = box.length(across);
      int wide = Math.min(breadth, length < SIDE ? BLOCK / length : SIDE);
      int deep = Math.min(length, breadth < SIDE ? BLOCK / breadth : SIDE);
      int wideBlocks = (breadth - 1) / wide + 1;
      int deepBlocks = (length - 1) / deep + 1;
      int units = box.count(across, last) * wideBlocks * deepBlocks;
      Parallel.ranges(units, Math.max(1, PART / (wide * deep)), 1, (first, end) -> {
        for (int unit = first; unit < end; unit++) {
          int outer = unit / deepBlocks / wideBlocks;
          int i = unit / deepBlocks % wideBlocks * wide;
          int j = unit % deepBlocks * deep;
          int from = sourceOffset + box.offset(SOURCE, outer, across, last)
              + i + j * box.stride(SOURCE, last);
          int to = targetOffset + box.offset(TARGET, outer, across, last)
              + i * box.stride(TARGET, across) + j;
          block(across, from, to, Math.min(wide, breadth - i), Math.min(deep, length - j));
        }
      });
    }

    /** Transposes a block, {@code wide} along the source's axis, {@code deep} along the other. */
    private void block(int across, int from, int to, int wide, int deep) {
      int sourceStep = box.stride(SOURCE, last);
      int targetStep = box.stride(TARGET, across);
      Stage stage = Stage.get();
      float[] read = stage.floats(0, wide * deep);
      float[] written = stage.floats(1, wide * deep);
      if (sourceStep == wide) {
        source.get(from, read, 0, wide * deep);
      } else {
        for (int j = 0; j < deep; j++) {
          source.get(from + j * sourceStep, read, j * wide, wide);
        }
      }
      for (int i = 0; i < wide; i++) {
        for (int j = 0; j < deep; j++) {
          written[i * deep + j] = read[j * wide + i];
        }
      }
      if (targetStep == deep) {
        target.put(to, written, 0, wide * deep);
      } else {
        for (int i = 0; i < wide; i++) {
          target.put(to + i * targetStep, written, i * deep, deep);
        }
      }
    }
  }
}
