package io.sagitta.kernels.reference;

import io.sagitta.kernels.Pool2dGeometry;

/** Odd and even parts of central differences through piecewise linear functions, case by case, and softmax. */
final class StencilLoops {
  private StencilLoops() {}

  /**
   * With a, b, c = 1 where s + e/2 + o, s + e/2 − o, s are positive, else 0: o′ = ((a − b)(s + e/2)
   * + (a + b)o)/2 and e′ = (a + b − 2c)s + (a + b)e/2 + (a − b)o. Where the three agree this is
   * (o, e) or zero exactly; where they do not, s is no greater than the differences themselves.
   */
  static void relu(
      ReferenceBuffer s, ReferenceBuffer odd, ReferenceBuffer even, ReferenceBuffer oddY,
      ReferenceBuffer evenY) {
    for (long i = 0; i < s.elements(); i++) {
      double half = even == null ? 0 : even.get(i) / 2;
      double o = odd.get(i);
      double middle = s.get(i) + half;
      double a = step(middle + o);
      double b = step(middle - o);
      double c = step(s.get(i));
      oddY.set(i, ((a - b) * middle + (a + b) * o) / 2);
      evenY.set(i, (a + b - 2 * c) * s.get(i) + (a + b) * half + (a - b) * o);
    }
  }

  private static double step(double x) {
    return x > 0 ? 1 : x <= 0 ? 0 : x;
  }

  /**
   * With w, j, k the winners at x, x + d, x − d: o′ = (s_j − s_k + (e_j − e_k)/2 + o_j + o_k)/2 and
   * e′ = s_j − s_w + s_k − s_w + (e_j + e_k)/2 + o_j − o_k, which is (o_w, e_w) where one wins all.
   */
  static void maxPool2d(
      Pool2dGeometry g, ReferenceBuffer s, ReferenceBuffer odd, ReferenceBuffer even,
      ReferenceBuffer winners, ReferenceBuffer oddY, ReferenceBuffer evenY) {
    int outputs = Math.toIntExact(winners.elements());
    long[] above = new long[outputs];
    long[] below = new long[outputs];
    for (int i = 0; i < outputs; i++) {
      above[i] = winners.index(i);
      below[i] = winners.index(i);
    }
    PoolLoops.forEachMember(
        g,
        (x, y) -> {
          int i = Math.toIntExact(y);
          above[i] = greater(s, odd, even, 1, x, above[i]);
          below[i] = greater(s, odd, even, -1, x, below[i]);
        });
    for (int i = 0; i < outputs; i++) {
      long w = winners.index(i);
      long j = above[i];
      long k = below[i];
      double ej = even == null ? 0 : even.get(j);
      double ek = even == null ? 0 : even.get(k);
      double apart = s.get(j) - s.get(k);
      oddY.set(i, (apart + (ej - ek) / 2 + odd.get(j) + odd.get(k)) / 2);
      double moved = s.get(j) - s.get(w) + (s.get(k) - s.get(w));
      evenY.set(i, moved + (ej + ek) / 2 + odd.get(j) - odd.get(k));
    }
  }

  /** The one of two elements that is greater at x ± d or no number, the second if neither. */
  private static long greater(
      ReferenceBuffer s, ReferenceBuffer odd, ReferenceBuffer even, int side, long i, long j) {
    double evens = even == null ? 0 : (even.get(i) - even.get(j)) / 2;
    double apart = s.get(i) - s.get(j) + evens + side * (odd.get(i) - odd.get(j));
    boolean first = isNaN(s, odd, even, i) && !isNaN(s, odd, even, j);
    return apart > 0 || first ? i : j;
  }

  private static boolean isNaN(
      ReferenceBuffer s, ReferenceBuffer odd, ReferenceBuffer even, long i) {
    return Double.isNaN(s.get(i))
        || Double.isNaN(odd.get(i))
        || even != null && Double.isNaN(even.get(i));
  }

  /** The changes p(α − ⟨p, α⟩)/(1 + ⟨p, α⟩) to either side, α = expm1(e/2 ± o). */
  static void softmax(
      ReferenceBuffer p, ReferenceBuffer odd, ReferenceBuffer even, ReferenceBuffer oddY,
      ReferenceBuffer evenY, long rows, long columns) {
    for (long r = 0; r < rows; r++) {
      double[] above = softmaxChange(p, odd, even, 1, r, columns);
      double[] below = softmaxChange(p, odd, even, -1, r, columns);
      for (int c = 0; c < columns; c++) {
        oddY.set(r * columns + c, (above[c] - below[c]) / 2);
        evenY.set(r * columns + c, above[c] + below[c]);
      }
    }
  }

  private static double[] softmaxChange(
      ReferenceBuffer p, ReferenceBuffer odd, ReferenceBuffer even, int side, long row,
      long columns) {
    double[] growth = new double[Math.toIntExact(columns)];
    double mean = 0;
    for (int c = 0; c < columns; c++) {
      long i = row * columns + c;
      growth[c] = Math.expm1((even == null ? 0 : even.get(i) / 2) + side * odd.get(i));
      mean += p.get(i) * growth[c];
    }
    for (int c = 0; c < columns; c++) {
      growth[c] = p.get(row * columns + c) * (growth[c] - mean) / (1 + mean);
    }
    return growth;
  }

  /** y[r] = (Σ over both signs of log1p(Σ p·expm1(e/2 ± o)) − e[label], 0), p the softmax of s. */
  static void crossEntropy(
      ReferenceBuffer s, ReferenceBuffer odd, ReferenceBuffer even, ReferenceBuffer labels,
      ReferenceBuffer y, long rows, long columns) {
    for (long r = 0; r < rows; r++) {
      double logSum = RowLoops.logSumExp(s, r, columns);
      double above = 0;
      double below = 0;
      for (long i = r * columns; i < (r + 1) * columns; i++) {
        double p = Math.exp(s.get(i) - logSum);
        double half = even == null ? 0 : even.get(i) / 2;
        above += p * Math.expm1(half + odd.get(i));
        below += p * Math.expm1(half - odd.get(i));
      }
      double own = even == null ? 0 : even.get(r * columns + labels.index(r));
      y.set(2 * r, Math.log1p(above) + Math.log1p(below) - own);
      y.set(2 * r + 1, 0);
    }
  }
}
