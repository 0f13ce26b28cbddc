package io.sagitta.kernels.host;

/** The inner loops of a matrix product in plain Java. */
final class MatrixKernel {
  private MatrixKernel() {}

  /**
   * c[i][j] += Σₜ a[i·rowStep + t·termStep] · b[t][j] for m×n results and k terms. Rows are arrays of
   * their own, since C2 vectorises loops over separate arrays only; eight terms at a time keep the
   * loads of c few.
   */
  static void multiplyAdd(
      float[] a, int rowStep, int termStep, float[][] b, float[][] c, int m, int n, int k) {
    int t = 0;
    for (; t + 8 <= k; t += 8) {
      for (int i = 0; i < m; i++) {
        int at = i * rowStep + t * termStep;
        eight(
            c[i], n, b[t], b[t + 1], b[t + 2], b[t + 3], b[t + 4], b[t + 5], b[t + 6], b[t + 7],
            a[at], a[at + termStep], a[at + 2 * termStep], a[at + 3 * termStep],
            a[at + 4 * termStep], a[at + 5 * termStep], a[at + 6 * termStep],
            a[at + 7 * termStep]);
      }
    }
    for (; t < k; t++) {
      for (int i = 0; i < m; i++) {
        Loops.accumulate(c[i], b[t], a[i * rowStep + t * termStep], n);
      }
    }
  }

  private static void eight(
      float[] c, int n, float[] b0, float[] b1, float[] b2, float[] b3, float[] b4, float[] b5,
      float[] b6, float[] b7, float a0, float a1, float a2, float a3, float a4, float a5,
      float a6, float a7) {
    for (int j = 0; j < n; j++) {
      float even = Math.fma(a0, b0[j], Math.fma(a2, b2[j], Math.fma(a4, b4[j], a6 * b6[j])));
      float odd = Math.fma(a1, b1[j], Math.fma(a3, b3[j], Math.fma(a5, b5[j], a7 * b7[j])));
      c[j] += even + odd;
    }
  }
}
