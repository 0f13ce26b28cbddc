package io.sagitta.engine.curvature;

import io.sagitta.engine.Shape;
import io.sagitta.engine.Tensor;
import io.sagitta.engine.ops.Concat;
import java.util.List;
import java.util.Random;

/** Small networks whose losses have known Hessians, and samples for them. */
final class Networks {
  static final int DIMENSION = 6;
  static final int CLASSES = 3;

  private Networks() {}

  /** A symmetric matrix [D, D]. */
  static double[] symmetric() {
    double[] a = new Random(2).doubles(DIMENSION * DIMENSION, -1, 1).toArray();
    for (int i = 0; i < DIMENSION; i++) {
      for (int j = 0; j < i; j++) {
        a[i * DIMENSION + j] = a[j * DIMENSION + i];
      }
    }
    return a;
  }

  /** Diagonal elements 1, 2, … of a matrix [D, D]. */
  static double[] diagonal() {
    double[] a = new double[DIMENSION * DIMENSION];
    for (int i = 0; i < DIMENSION; i++) {
      a[i * DIMENSION + i] = i + 1;
    }
    return a;
  }

  /**
   * Logits (60 + xᵀAx/2, 0): the loss of label 1 is log(1 + e^(60 + xᵀAx/2)), which is 60 + xᵀAx/2
   * to the last digit, so that its Hessian is A.
   */
  static Logits quadratic(double[] a) {
    return x -> {
      Shape square = Shape.of(DIMENSION, DIMENSION);
      Tensor q = x.matmul(Tensor.of(x.backend(), square, a)).mul(x).sum(1).mul(0.5).add(60);
      Tensor column = q.reshape(Shape.of(x.shape().dim(0), 1));
      return Concat.concat(1, List.of(column, Tensor.zeros(x.backend(), column.shape())));
    };
  }

  /** The weights [D, K] of {@link #linear}. */
  static double[] weights() {
    return new Random(3).doubles(DIMENSION * CLASSES, -2, 2).toArray();
  }

  /** Logits x·W: the loss has the Hessian W(diag(p) − ppᵀ)Wᵀ. */
  static Logits linear() {
    return x -> x.matmul(Tensor.of(x.backend(), Shape.of(DIMENSION, CLASSES), weights()));
  }

  /** The Hessian of {@link #linear}'s loss at a point, [D, D]. */
  static double[] linearHessian(double[] x) {
    double[] w = weights();
    double[] p = new double[CLASSES];
    double sum = 0;
    for (int k = 0; k < CLASSES; k++) {
      for (int i = 0; i < DIMENSION; i++) {
        p[k] += x[i] * w[i * CLASSES + k];
      }
      p[k] = Math.exp(p[k]);
      sum += p[k];
    }
    double[] h = new double[DIMENSION * DIMENSION];
    for (int k = 0; k < CLASSES; k++) {
      for (int l = 0; l < CLASSES; l++) {
        double middle = (k == l ? p[k] / sum : 0) - p[k] / sum * (p[l] / sum);
        for (int i = 0; i < h.length; i++) {
          h[i] += w[i / DIMENSION * CLASSES + k] * middle * w[i % DIMENSION * CLASSES + l];
        }
      }
    }
    return h;
  }

  /** uᵀAv. */
  static double form(byte[] u, double[] a, byte[] v) {
    double sum = 0;
    for (int i = 0; i < DIMENSION; i++) {
      for (int j = 0; j < DIMENSION; j++) {
        sum += u[i] * a[i * DIMENSION + j] * v[j];
      }
    }
    return sum;
  }

  /** Samples of label 1 with numbers exact in float, ids 100, 101, …. */
  static Samples samples(int count) {
    Random random = new Random(4);
    float[] inputs = new float[count * DIMENSION];
    int[] labels = new int[count];
    long[] ids = new long[count];
    for (int i = 0; i < inputs.length; i++) {
      inputs[i] = random.nextFloat() - 0.5f;
    }
    for (int s = 0; s < count; s++) {
      labels[s] = 1;
      ids[s] = 100 + s;
    }
    return new Samples(inputs, Shape.of(DIMENSION), labels, ids);
  }

  /** One sample's numbers. */
  static double[] point(Samples samples, int sample) {
    double[] x = new double[DIMENSION];
    for (int i = 0; i < DIMENSION; i++) {
      x[i] = samples.inputs()[sample * DIMENSION + i];
    }
    return x;
  }

  /** The sample at one place, by itself. */
  static Samples only(Samples samples, int sample) {
    float[] inputs = new float[DIMENSION];
    System.arraycopy(samples.inputs(), sample * DIMENSION, inputs, 0, DIMENSION);
    return new Samples(
        inputs, samples.shape(), new int[] {samples.labels()[sample]},
        new long[] {samples.ids()[sample]});
  }
}
