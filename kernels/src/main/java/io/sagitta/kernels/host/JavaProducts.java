package io.sagitta.kernels.host;

import io.sagitta.kernels.Conv2dGeometry;
import io.sagitta.kernels.Precision;
import java.nio.FloatBuffer;
import java.util.Arrays;

/**
 * Products and convolutions in plain Java, for machines without a native library: slower, within
 * tolerance, on all cores.
 */
final class JavaProducts implements ProductKernels {
  /** Results of a block: 32 rows of 256 columns, summed over 256 terms at a time. */
  private static final int ROWS = 32;

  private static final int COLUMNS = 256;
  private static final int TERMS = 256;

  /** Products in a part. */
  private static final long PART = 1 << 18;

  @Override
  public String description() {
    return "plain Java";
  }

  @Override
  public boolean supports(Precision precision) {
    return precision == Precision.FP32;
  }

  @Override
  public Bf16Kernels bf16() {
    throw new IllegalArgumentException("host: plain Java stores no images as BF16");
  }

  @Override
  public void conv2d(
      Precision precision, Conv2dGeometry g, HostBuffer x, HostBuffer w, HostBuffer bias,
      HostBuffer residual, boolean relu, HostBuffer y) {
    check("conv2d", precision);
    JavaConvolution.forward(g, x, w, bias, residual, relu, y);
  }

  @Override
  public void conv2dGradInput(
      Precision precision, Conv2dGeometry g, HostBuffer w, HostBuffer gradY, HostBuffer gradX) {
    check("conv2dGradInput", precision);
    JavaConvolution.gradInput(g, w, gradY, gradX);
  }

  @Override
  public void conv2dGradWeight(
      Precision precision, Conv2dGeometry g, HostBuffer x, HostBuffer gradY, HostBuffer gradW) {
    check("conv2dGradWeight", precision);
    JavaWeightGradient.compute(g, x, gradY, gradW);
  }

  @Override
  public void matmul(
      Precision precision, HostBuffer a, boolean transposeA, HostBuffer b, boolean transposeB,
      HostBuffer c, int batch, int m, int n, int k) {
    check("matmul", precision);
    Operand left = new Operand(a.floats(), m, k, transposeA);
    Operand right = new Operand(b.floats(), n, k, !transposeB);
    FloatBuffer target = c.writeFloats();
    int rowBlocks = (m - 1) / ROWS + 1;
    int columnBlocks = (n - 1) / COLUMNS + 1;
    long products = (long) Math.min(m, ROWS) * Math.min(n, COLUMNS) * k;
    int grain = (int) Math.max(1, PART / Math.max(1, products));
    Parallel.ranges(batch * rowBlocks * columnBlocks, grain, 1, (from, to) -> {
      for (int unit = from; unit < to; unit++) {
        int matrix = unit / columnBlocks / rowBlocks;
        int row = unit / columnBlocks % rowBlocks * ROWS;
        int column = unit % columnBlocks * COLUMNS;
        int rows = Math.min(ROWS, m - row);
        int columns = Math.min(COLUMNS, n - column);
        float[][] block = product(left, right, matrix, row, rows, column, columns, k);
        for (int i = 0; i < rows; i++) {
          target.put((matrix * m + row + i) * n + column, block[i], 0, columns);
        }
      }
    });
  }

  /** One block of results. */
  private static float[][] product(
      Operand left, Operand right, int matrix, int row, int rows, int column, int columns, int k) {
    Stage stage = Stage.get();
    float[][] total = stage.rows(0, ROWS, COLUMNS);
    float[][] partial = stage.rows(1, ROWS, COLUMNS);
    float[][] b = stage.rows(2, TERMS, COLUMNS);
    float[] a = stage.floats(0, ROWS * TERMS);
    for (int i = 0; i < rows; i++) {
      Arrays.fill(total[i], 0, columns, 0);
    }
    for (int t = 0; t < k; t += TERMS) {
      int terms = Math.min(TERMS, k - t);
      left.packByRow(stage, matrix, row, rows, t, terms, a);
      right.packByTerm(stage, matrix, column, columns, t, terms, b);
      for (int i = 0; i < rows; i++) {
        Arrays.fill(partial[i], 0, columns, 0);
      }
      MatrixKernel.multiplyAdd(a, terms, 1, b, partial, rows, columns, terms);
      for (int i = 0; i < rows; i++) {
        Loops.add(total[i], partial[i], columns);
      }
    }
    return total;
  }

  /**
   * A batch of matrices of {@code lines} result rows (or columns) by {@code terms}; stored [lines,
   * terms], or [terms, lines] where {@code termsFirst}.
   */
  private record Operand(FloatBuffer source, int lines, int terms, boolean termsFirst) {

    /** target[i·count + t] of line {@code line + i} and term {@code term + t}. */
    void packByRow(
        Stage stage, int matrix, int line, int height, int term, int count, float[] target) {
      int start = matrix * lines * terms;
      if (termsFirst) {
        float[] values = stage.floats(1, height);
        for (int t = 0; t < count; t++) {
          source.get(start + (term + t) * lines + line, values, 0, height);
          for (int i = 0; i < height; i++) {
            target[i * count + t] = values[i];
          }
        }
      } else {
        for (int i = 0; i < height; i++) {
          source.get(start + (line + i) * terms + term, target, i * count, count);
        }
      }
    }

    /** target[t][j] of line {@code line + j} and term {@code term + t}. */
    void packByTerm(
        Stage stage, int matrix, int line, int width, int term, int count, float[][] target) {
      int start = matrix * lines * terms;
      if (termsFirst) {
        for (int t = 0; t < count; t++) {
          source.get(start + (term + t) * lines + line, target[t], 0, width);
        }
      } else {
        float[] values = stage.floats(1, count);
        for (int j = 0; j < width; j++) {
          source.get(start + (line + j) * terms + term, values, 0, count);
          for (int t = 0; t < count; t++) {
            target[t][j] = values[t];
          }
        }
      }
    }
  }

  @Override
  public void close() {
    // Nothing is held between calls.
  }

  private static void check(String op, Precision precision) {
    if (precision != Precision.FP32) {
      throw new IllegalArgumentException(
          op + ": plain Java computes in FP32, got " + precision);
    }
  }
}
