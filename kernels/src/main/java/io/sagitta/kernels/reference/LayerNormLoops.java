package io.sagitta.kernels.reference;

/** Layer normalisation of the rows of [rows, columns], and the Jacobian of what it makes of them. */
final class LayerNormLoops {
  private final int columns;
  private final double epsilon;

  private LayerNormLoops(long columns, double epsilon) {
    this.columns = Math.toIntExact(columns);
    this.epsilon = epsilon;
  }

  static void apply(
      ReferenceBuffer x, ReferenceBuffer gamma, ReferenceBuffer beta, double epsilon,
      ReferenceBuffer y, long rows, long columns) {
    LayerNormLoops loops = new LayerNormLoops(columns, epsilon);
    for (long row = 0; row < rows; row++) {
      double[] normal = loops.normal(loops.row(x, row));
      for (int c = 0; c < columns; c++) {
        double value = gamma == null ? normal[c] : normal[c] * gamma.get(c) + beta.get(c);
        y.set(row * columns + c, value);
      }
    }
  }

  static void jacobian(
      ReferenceBuffer x, ReferenceBuffer before, ReferenceBuffer after, ReferenceBuffer t,
      double epsilon, ReferenceBuffer y, long rows, long columns) {
    LayerNormLoops loops = new LayerNormLoops(columns, epsilon);
    for (long row = 0; row < rows; row++) {
      double[] product = loops.product(loops.row(x, row), loops.scaled(t, before, row));
      for (int c = 0; c < columns; c++) {
        y.set(row * columns + c, after == null ? product[c] : product[c] * after.get(c));
      }
    }
  }

  static void jacobianDual(
      ReferenceBuffer x, ReferenceBuffer dx, ReferenceBuffer before, ReferenceBuffer t,
      ReferenceBuffer dt, double epsilon, ReferenceBuffer y, ReferenceBuffer dy, long rows,
      long columns) {
    LayerNormLoops loops = new LayerNormLoops(columns, epsilon);
    for (long row = 0; row < rows; row++) {
      double[] at = loops.row(x, row);
      double[] u = loops.scaled(t, before, row);
      double[] value = loops.product(at, u);
      double[] tangent = loops.product(at, loops.scaled(dt, before, row));
      double[] moved = loops.product(at, loops.row(dx, row));
      double[] normal = loops.normal(at);
      double alongD = mean(normal, loops.row(dx, row));
      double alongU = mean(normal, u);
      double across = mean(u, moved);
      double inverse = 1 / loops.deviation(at);
      for (int c = 0; c < columns; c++) {
        double bend = alongD * value[c] + alongU * moved[c] + across * normal[c];
        y.set(row * columns + c, value[c]);
        dy.set(row * columns + c, tangent[c] - inverse * bend);
      }
    }
  }

  private double[] row(ReferenceBuffer x, long row) {
    double[] values = new double[columns];
    for (int c = 0; c < columns; c++) {
      values[c] = x.get(row * columns + c);
    }
    return values;
  }

  private double[] scaled(ReferenceBuffer t, ReferenceBuffer scale, long row) {
    double[] values = row(t, row);
    for (int c = 0; c < columns; c++) {
      values[c] *= scale == null ? 1 : scale.get(c);
    }
    return values;
  }

  private double[] normal(double[] x) {
    double mean = mean(x);
    double deviation = deviation(x);
    double[] normal = new double[columns];
    for (int c = 0; c < columns; c++) {
      normal[c] = (x[c] - mean) / deviation;
    }
    return normal;
  }

  /** √(σ² + ε). */
  private double deviation(double[] x) {
    double mean = mean(x);
    double squares = 0;
    for (double value : x) {
      squares += (value - mean) * (value - mean);
    }
    return Math.sqrt(squares / columns + epsilon);
  }

  /** (u − mean(u) − x̂·mean(x̂·u))/√(σ² + ε). */
  private double[] product(double[] x, double[] u) {
    double[] normal = normal(x);
    double mean = mean(u);
    double along = mean(normal, u);
    double deviation = deviation(x);
    double[] product = new double[columns];
    for (int c = 0; c < columns; c++) {
      product[c] = (u[c] - mean - normal[c] * along) / deviation;
    }
    return product;
  }

  private static double mean(double[] x) {
    double sum = 0;
    for (double value : x) {
      sum += value;
    }
    return sum / x.length;
  }

  private static double mean(double[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += a[i] * b[i];
    }
    return sum / a.length;
  }
}
