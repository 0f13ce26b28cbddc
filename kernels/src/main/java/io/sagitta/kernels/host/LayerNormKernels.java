package io.sagitta.kernels.host;

import java.nio.FloatBuffer;

/**
 * Layer normalisation, a row at a time: staged, centred, and gone through once for each sum, in four
 * strands of doubles. With c = x − μ, r = 1/√(σ² + ε) and x̂ = r·c, the Jacobian J of x̂ and its
 * derivative along d are, with m the mean of a row,
 *
 * <pre>J·u = r(u − m(u) − x̂·m(x̂u)),   −r(m(x̂d)·J·u + m(x̂u)·J·d + m(u·J·d)·x̂).</pre>
 */
final class LayerNormKernels {
  /** Elements of the rows that a thread takes at a time. */
  private static final int PART = 8192;

  private final int columns;
  private final double epsilon;
  private final float[] scratch;

  /** x̂ of the row in hand, once {@link #normalise} ran, and r. */
  private final float[] normal;

  private double inverse;

  private LayerNormKernels(int columns, double epsilon) {
    this.columns = columns;
    this.epsilon = epsilon;
    this.scratch = Stage.get().floats(0, columns);
    this.normal = Stage.get().floats(1, columns);
  }

  /** What is done with a row. */
  private interface Row {
    void run(LayerNormKernels kernel, int row);
  }

  private static void each(int rows, int columns, double epsilon, FloatBuffer x, Row body) {
    Parallel.ranges(rows, Math.max(1, PART / columns), 1, (from, to) -> {
      LayerNormKernels kernel = new LayerNormKernels(columns, epsilon);
      for (int row = from; row < to; row++) {
        kernel.normalise(x, row);
        body.run(kernel, row);
      }
    });
  }

  static void apply(
      HostBuffer x, HostBuffer gamma, HostBuffer beta, double epsilon, HostBuffer y, int rows,
      int columns) {
    FloatBuffer target = y.writeFloats();
    float[] scales = numbers(gamma, columns);
    float[] shifts = numbers(beta, columns);
    each(rows, columns, epsilon, x.floats(), (kernel, row) -> {
      if (scales != null) {
        scaleAndShift(kernel.normal, scales, shifts, columns);
      }
      target.put(row * columns, kernel.normal, 0, columns);
    });
  }

  static void jacobian(
      HostBuffer x, HostBuffer before, HostBuffer after, HostBuffer t, double epsilon, HostBuffer y,
      int rows, int columns) {
    FloatBuffer source = t.floats();
    FloatBuffer target = y.writeFloats();
    float[] first = numbers(before, columns);
    float[] last = numbers(after, columns);
    each(rows, columns, epsilon, x.floats(), (kernel, row) -> {
      float[] u = kernel.read(source, row, first, 2);
      kernel.jacobian(u, kernel.meanOfProduct(kernel.normal, u), u);
      if (last != null) {
        Loops.multiply(u, last, columns);
      }
      target.put(row * columns, u, 0, columns);
    });
  }

  static void jacobianDual(
      HostBuffer x, HostBuffer dx, HostBuffer before, HostBuffer t, HostBuffer dt, double epsilon,
      HostBuffer y, HostBuffer dy, int rows, int columns) {
    FloatBuffer source = t.floats();
    FloatBuffer moves = dx.floats();
    FloatBuffer tangents = dt.floats();
    FloatBuffer target = y.writeFloats();
    FloatBuffer tangent = dy.writeFloats();
    float[] first = numbers(before, columns);
    each(rows, columns, epsilon, x.floats(), (kernel, row) -> {
      float[] u = kernel.read(source, row, first, 2);
      float[] du = kernel.read(tangents, row, first, 3);
      float[] d = kernel.read(moves, row, null, 4);
      float[] value = Stage.get().floats(5, columns);
      double alongU = kernel.meanOfProduct(kernel.normal, u);
      double alongD = kernel.meanOfProduct(kernel.normal, d);
      kernel.jacobian(u, alongU, value);
      kernel.jacobian(d, alongD, d);
      kernel.jacobian(du, kernel.meanOfProduct(kernel.normal, du), du);
      double across = kernel.meanOfProduct(d, u);
      double r = kernel.inverse;
      bend(
          du, (float) (-r * alongD), value, (float) (-r * alongU), d, (float) (-r * across),
          kernel.normal, columns);
      target.put(row * columns, value, 0, columns);
      tangent.put(row * columns, du, 0, columns);
    });
  }

  /** The mean and biased variance of each row, [rows, 2]. */
  static void statistics(HostBuffer x, HostBuffer statistics, int rows, int columns) {
    FloatBuffer target = statistics.writeFloats();
    FloatBuffer source = x.floats();
    Parallel.ranges(rows, Math.max(1, PART / columns), 1, (from, to) -> {
      LayerNormKernels kernel = new LayerNormKernels(columns, 0);
      for (int row = from; row < to; row++) {
        double mean = kernel.centre(source, row);
        target.put(2 * row, (float) mean);
        target.put(2 * row + 1, (float) kernel.meanOfProduct(kernel.normal, kernel.normal));
      }
    });
  }

  private void normalise(FloatBuffer x, int row) {
    centre(x, row);
    inverse = 1 / Math.sqrt(meanOfProduct(normal, normal) + epsilon);
    Loops.affine(normal, (float) inverse, 0, columns);
  }

  /** Takes a row less its mean, which is first taken off as a float and then what that left. */
  private double centre(FloatBuffer x, int row) {
    x.get(row * columns, normal, 0, columns);
    float mean = (float) (Loops.sum(normal, 0, columns) / columns);
    Loops.affine(normal, 1, -mean, columns);
    double left = Loops.sum(normal, 0, columns) / columns;
    Loops.affine(normal, 1, (float) -left, columns);
    return mean + left;
  }

  /** A row into an array of the stage, each number times its column's. */
  private float[] read(FloatBuffer source, int row, float[] times, int slot) {
    float[] values = Stage.get().floats(slot, columns);
    source.get(row * columns, values, 0, columns);
    if (times != null) {
      Loops.multiply(values, times, columns);
    }
    return values;
  }

  private double meanOfProduct(float[] a, float[] b) {
    System.arraycopy(a, 0, scratch, 0, columns);
    Loops.multiply(scratch, b, columns);
    return Loops.sum(scratch, 0, columns) / columns;
  }

  /** y = J·u; y may be u. */
  private void jacobian(float[] u, double along, float[] y) {
    float mean = (float) (Loops.sum(u, 0, columns) / columns);
    product(u, mean, normal, (float) along, (float) inverse, y, columns);
  }

  private static void product(
      float[] u, float mean, float[] normal, float along, float inverse, float[] y, int n) {
    for (int i = 0; i < n; i++) {
      y[i] = Math.fma(-along, normal[i], u[i] - mean) * inverse;
    }
  }

  private static void scaleAndShift(float[] x, float[] scale, float[] shift, int n) {
    for (int i = 0; i < n; i++) {
      x[i] = Math.fma(x[i], scale[i], shift[i]);
    }
  }

  /** y += a·u + b·v + c·w. */
  private static void bend(
      float[] y, float a, float[] u, float b, float[] v, float c, float[] w, int n) {
    for (int i = 0; i < n; i++) {
      y[i] = Math.fma(a, u[i], Math.fma(b, v[i], Math.fma(c, w[i], y[i])));
    }
  }

  private static float[] numbers(HostBuffer buffer, int count) {
    if (buffer == null) {
      return null;
    }
    float[] numbers = new float[count];
    buffer.floats().get(0, numbers, 0, count);
    return numbers;
  }
}
