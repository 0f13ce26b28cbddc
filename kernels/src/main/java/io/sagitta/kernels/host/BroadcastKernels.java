package io.sagitta.kernels.host;

import static io.sagitta.kernels.host.Stage.CHUNK;

import io.sagitta.kernels.BinaryOp;
import java.nio.FloatBuffer;
import java.util.Arrays;

/**
 * Elementwise functions of two operands that are repeated along some axes. The two innermost axes,
 * after merging, are rows and columns: a chunk is some whole rows of the result, which is
 * contiguous, or a piece of one long row, and each operand is laid out to match it.
 */
final class BroadcastKernels {
  private static final int A = 0;
  private static final int B = 1;
  private static final int Y = 2;
  private static final int PART = 32768;

  private BroadcastKernels() {}

  static void binary(
      BinaryOp op, HostBuffer a, long[] aStrides, HostBuffer b, long[] bStrides, HostBuffer y,
      long[] shape) {
    long[] yStrides = contiguous(shape);
    Box box = Box.merged(Box.axes(shape, aStrides, bStrides, yStrides), 3);
    int last = box.axisCount() - 1;
    boolean flat = box.axisCount() == 2 && box.length(0) == 1;
    if (flat && box.stride(A, 1) == 1 && box.stride(B, 1) == 1) {
      ElementwiseKernels.binary(op, a, b, y);
      return;
    }
    FloatBuffer left = a.floats();
    FloatBuffer right = b.floats();
    FloatBuffer target = y.writeFloats();
    int rows = box.length(last - 1);
    int columns = box.length(last);
    int blockColumns = Math.min(columns, CHUNK);
    int blockRows = Math.min(rows, CHUNK / blockColumns);
    int rowBlocks = (rows - 1) / blockRows + 1;
    int columnBlocks = (columns - 1) / blockColumns + 1;
    int units = box.count(last - 1, last) * rowBlocks * columnBlocks;
    int grain = Math.max(1, PART / (blockRows * blockColumns));
    Parallel.ranges(units, grain, 1, (from, to) -> {
      Stage stage = Stage.get();
      float[] values = stage.floats(0, CHUNK);
      float[] others = stage.floats(1, CHUNK);
      for (int unit = from; unit < to; unit++) {
        int outer = unit / columnBlocks / rowBlocks;
        int row = unit / columnBlocks % rowBlocks * blockRows;
        int column = unit % columnBlocks * blockColumns;
        int height = Math.min(blockRows, rows - row);
        int width = Math.min(blockColumns, columns - column);
        load(box, A, left, outer, row, column, height, width, values);
        load(box, B, right, outer, row, column, height, width, others);
        Loops.binary(op, values, others, height * width);
        int start = box.offset(Y, outer, last - 1, last) + row * columns + column;
        target.put(start, values, 0, height * width);
      }
    });
  }

  /** Lays out an operand for a block of rows and columns. */
  private static void load(
      Box box, int operand, FloatBuffer source, int outer, int row, int column, int height,
      int width, float[] values) {
    int last = box.axisCount() - 1;
    int down = box.stride(operand, last - 1);
    int along = box.stride(operand, last);
    int start =
        box.offset(operand, outer, last - 1, last) + row * down + column * along;
    if (along == 1 && (down == width || height == 1)) {
      source.get(start, values, 0, height * width);
    } else if (along == 1 && down == 0) {
      source.get(start, values, 0, width);
      Loops.repeat(values, width, height);
    } else if (along == 0) {
      for (int i = 0; i < height; i++) {
        Arrays.fill(values, i * width, (i + 1) * width, source.get(start + i * down));
      }
    } else {
      for (int i = 0; i < height; i++) {
        for (int j = 0; j < width; j++) {
          values[i * width + j] = source.get(start + i * down + j * along);
        }
      }
    }
  }

  private static long[] contiguous(long[] shape) {
    long[] strides = new long[shape.length];
    long step = 1;
    for (int k = shape.length - 1; k >= 0; k--) {
      strides[k] = step;
      step *= shape[k];
    }
    return strides;
  }
}
