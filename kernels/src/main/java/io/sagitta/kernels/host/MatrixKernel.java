package io.sagitta.kernels.host;

/** The inner loops of a matrix product in plain Java. */
final class MatrixKernel {
  private MatrixKernel() {}

  /**
   * c[i][j] += Σₜ a[i·rowStep + t·termStep] · b[t][j] for m×n results and k terms. Rows are arrays
   * of their own, since C2 vectorises loops over separate arrays only; four terms at a time spare
   * loads of c, and with more C2 gives up.
   */
  static void multiplyAdd(
      float[] a, int rowStep, int termStep, float[][] b, float[][] c, int m, int n, int k) {
    int t = 0;
    for (; t + 4 <= k; t += 4) {
      for (int i = 0; i < m; i++) {
        int at = i * rowStep + t * termStep;
        four(
            c[i], n, b[t], b[t + 1], b[t + 2], b[t + 3], a[at], a[at + termStep],
            a[at + 2 * termStep], a[at + 3 * termStep]);
      }
    }
    for (; t < k; t++) {
      for (int i = 0; i < m; i++) {
        Loops.accumulate(c[i], b[t], a[i * rowStep + t * termStep], n);
      }
    }
  }

  private static void four(
      float[] c, int n, float[] b0, float[] b1, float[] b2, float[] b3, float a0, float a1,
      float a2, float a3) {
    for (int j = 0; j < n; j++) {
      float half = Math.fma(a2, b2[j], Math.fma(a3, b3[j], c[j]));
      c[j] = Math.fma(a0, b0[j], Math.fma(a1, b1[j], half));
    }
  }
}
