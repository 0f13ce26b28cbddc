package io.sagitta.engine.curvature;

import java.util.Arrays;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.factory.DecompositionFactory_DDRM;
import org.ejml.interfaces.decomposition.EigenDecomposition_F64;

/** The matrices of {@link ExactCurvature}'s text, of one sample. */
final class SmallHessian {
  private final double[] s;
  private final double c;
  private final float[][] gradients;
  private final int start;
  private final int elements;

  /** B = MᵀGM. */
  private final double[][] b;

  /**
   * @param q the probabilities that go with the gradients
   * @param own the label's probability, 1 less their sum
   * @param gradients d_k, from element {@code start} of each array on
   */
  SmallHessian(double[] q, double own, float[][] gradients, int start, int elements) {
    this.s = new double[q.length];
    Arrays.setAll(s, i -> Math.sqrt(q[i]));
    this.c = 1 / (1 + Math.sqrt(own));
    this.gradients = gradients;
    this.start = start;
    this.elements = elements;
    this.b = gram();
    project(b);
    transpose(b);
    project(b);
  }

  double trace() {
    double trace = 0;
    for (int i = 0; i < b.length; i++) {
      trace += b[i][i];
    }
    return trace;
  }

  /**
   * The spectrum.
   *
   * @param rank eigenvalues to give, with zeros at the end where there are fewer
   */
  InputSpectrum spectrum(int rank) {
    int n = b.length;
    if (n == 0) {
      return new InputSpectrum(new double[rank], 0, 0, new double[elements]);
    }
    double squares = 0;
    DMatrixRMaj matrix = new DMatrixRMaj(n, n);
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < n; j++) {
        squares += b[i][j] * b[i][j];
        matrix.set(i, j, (b[i][j] + b[j][i]) / 2);
      }
    }
    EigenDecomposition_F64<DMatrixRMaj> eigen = DecompositionFactory_DDRM.eig(n, true, true);
    if (!eigen.decompose(matrix)) {
      throw new ArithmeticException("exact: expected finite gradients, found a NaN or infinity");
    }
    int best = 0;
    double[] ascending = new double[n];
    for (int i = 0; i < n; i++) {
      ascending[i] = eigen.getEigenvalue(i).getReal();
      best = ascending[i] > ascending[best] ? i : best;
    }
    double[] top = top(eigen.getEigenVector(best).getData(), ascending[best]);
    Arrays.sort(ascending);
    double[] descending = new double[rank];
    for (int i = 0; i < n; i++) {
      descending[i] = ascending[n - 1 - i];
    }
    return new InputSpectrum(descending, trace(), Math.sqrt(squares), top);
  }

  /** JᵀMw/√λ. */
  private double[] top(double[] w, double eigenvalue) {
    double[] top = new double[elements];
    if (!(eigenvalue > 0)) {
      return top;
    }
    double sum = 0;
    for (int k = 0; k < s.length; k++) {
      sum += s[k] * w[k];
    }
    for (int k = 0; k < s.length; k++) {
      double share = s[k] * (w[k] - c * s[k] * sum) / Math.sqrt(eigenvalue);
      for (int i = 0; i < elements; i++) {
        top[i] += share * gradients[k][start + i];
      }
    }
    return top;
  }

  /** G. */
  private double[][] gram() {
    double[][] gram = new double[s.length][s.length];
    for (int k = 0; k < s.length; k++) {
      for (int l = 0; l <= k; l++) {
        gram[k][l] = dot(gradients[k], gradients[l]);
        gram[l][k] = gram[k][l];
      }
    }
    return gram;
  }

  /** Four sums, for the processor to add in parallel. */
  private double dot(float[] a, float[] b) {
    int whole = elements - elements % 4;
    double sum0 = 0;
    double sum1 = 0;
    double sum2 = 0;
    double sum3 = 0;
    for (int i = start; i < start + whole; i += 4) {
      sum0 += (double) a[i] * b[i];
      sum1 += (double) a[i + 1] * b[i + 1];
      sum2 += (double) a[i + 2] * b[i + 2];
      sum3 += (double) a[i + 3] * b[i + 3];
    }
    for (int i = start + whole; i < start + elements; i++) {
      sum0 += (double) a[i] * b[i];
    }
    return sum0 + sum1 + (sum2 + sum3);
  }

  /** Each row r becomes r·M = r∘s − c·⟨r∘s, s⟩·s. */
  private void project(double[][] rows) {
    for (double[] row : rows) {
      double sum = 0;
      for (int k = 0; k < s.length; k++) {
        row[k] *= s[k];
        sum += row[k] * s[k];
      }
      for (int k = 0; k < s.length; k++) {
        row[k] -= c * sum * s[k];
      }
    }
  }

  private static void transpose(double[][] a) {
    for (int i = 0; i < a.length; i++) {
      for (int j = 0; j < i; j++) {
        double held = a[i][j];
        a[i][j] = a[j][i];
        a[j][i] = held;
      }
    }
  }
}
